#pragma once
#include <string>

#include "absl/strings/str_cat.h"
#include "common/work/batch.h"
#include "services/customer/domain/lead.h"

// The jobs of leads: kinds, queues and keys in one place.
namespace crm::customer {

inline constexpr char kLeadAssignmentQueue[] = "lead-assignment";
inline constexpr char kAssignLeadKind[] = "assign_lead";
inline constexpr char kRetryWaitingKind[] = "retry_waiting_leads";

inline constexpr char kReminderQueue[] = "reminders";
inline constexpr char kFollowUpKind[] = "lead_follow_up";

// The rules decide who gets the lead; however often it is asked for before they have, they decide once.
inline work::Job AssignLeadJob(const Uuid& lead_id, absl::Time due) {
  return {.kind = kAssignLeadKind,
          .queue = kLeadAssignmentQueue,
          .dedupe_key = absl::StrCat("assign_lead/", lead_id.ToString()),
          .subject_id = lead_id,
          .due = due,
          .payload = ""};
}

// A place has become free: whoever waits is tried again.
inline work::Job RetryWaitingJob(absl::Time due) {
  return {.kind = kRetryWaitingKind,
          .queue = kLeadAssignmentQueue,
          .dedupe_key = "retry_waiting_leads",
          .subject_id = Uuid(),
          .due = due,
          .payload = ""};
}

// The steps of a follow-up deadline, one job each.
enum class FollowUpStep { kRemind50, kRemind80, kMissed, kReclaim };
inline constexpr FollowUpStep kFollowUpSteps[] = {FollowUpStep::kRemind50, FollowUpStep::kRemind80,
                                                  FollowUpStep::kMissed, FollowUpStep::kReclaim};

template <>
struct Words<FollowUpStep> {
  static constexpr std::string_view kAll[] = {"remind_50", "remind_80", "missed", "reclaim"};
};

inline std::string FollowUpJobKey(const Uuid& assignment_id, FollowUpStep step) {
  return absl::StrCat("follow_up/", assignment_id.ToString(), "/", std::string(Word(step)));
}

// The steps of this assignment that are still to come will have no effect.
template <class Item>
void CancelFollowUp(Item& item, const Lead& lead) {
  if (lead.assignment_id.nil()) return;
  for (FollowUpStep step : kFollowUpSteps) item.CancelJob(FollowUpJobKey(lead.assignment_id, step));
}

}  // namespace crm::customer
