#pragma once
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/work/batch.h"
#include "services/customer/domain/follow_up.h"
#include "services/customer/domain/lead.h"

// The jobs of leads: kinds, queues and keys in one place.
namespace crm::customer {

inline constexpr char kLeadAssignmentQueue[] = "lead-assignment";
inline constexpr char kAssignLeadKind[] = "assign_lead";
inline constexpr char kRetryWaitingKind[] = "retry_waiting_leads";

inline constexpr char kReminderQueue[] = "reminders";
inline constexpr char kFollowUpKind[] = "lead_follow_up";

inline std::string AssignLeadJobKey(const Uuid& lead_id) {
  return absl::StrCat("assign_lead/", lead_id.ToString());
}

// The rules decide who gets the lead; however often it is asked for before they have, they decide once.
inline work::Job AssignLeadJob(const Uuid& lead_id, absl::Time due) {
  return {.kind = kAssignLeadKind,
          .queue = kLeadAssignmentQueue,
          .dedupe_key = AssignLeadJobKey(lead_id),
          .subject_id = lead_id,
          .due = due,
          .payload = ""};
}

// A place has become free: whoever waits is tried again now.
inline constexpr char kRetryKey[] = "retry_waiting_leads";
inline work::Job RetryWaitingJob(absl::Time due) {
  return {.kind = kRetryWaitingKind,
          .queue = kLeadAssignmentQueue,
          .dedupe_key = kRetryKey,
          .subject_id = Uuid(),
          .due = due,
          .payload = ""};
}

// There are more than one set of them: a round goes on behind `position`.
inline constexpr char kRetryRestKey[] = "retry_waiting_leads/rest";
inline work::Job RetryRestJob(std::string position, absl::Time due) {
  work::Job rest = RetryWaitingJob(due);
  rest.dedupe_key = kRetryRestKey;
  rest.payload = std::move(position);
  return rest;
}

// Somebody waits: tried again when the next minute begins. All who begin to wait in one minute share the job.
inline work::Job RetryNextMinuteJob(absl::Time now) {
  const std::int64_t minute = absl::ToUnixSeconds(now) / 60 + 1;
  return {.kind = kRetryWaitingKind,
          .queue = kLeadAssignmentQueue,
          .dedupe_key = absl::StrCat("retry_waiting_leads/", minute),
          .subject_id = Uuid(),
          .due = absl::FromUnixSeconds(minute * 60),
          .payload = ""};
}

// One job per assignment walks through the steps of its deadline.
inline std::string FollowUpJobKey(const Uuid& assignment_id) {
  return absl::StrCat("follow_up/", assignment_id.ToString());
}

// `due.schedule` must have the step.
inline work::Job FollowUpJob(const Uuid& lead_id, const FollowUpDue& due) {
  return {.kind = kFollowUpKind,
          .queue = kReminderQueue,
          .dedupe_key = FollowUpJobKey(due.schedule.assignment_id),
          .subject_id = lead_id,
          .due = *TimeOf(due.schedule, due.step),
          .payload = Encode(due)};
}

// The steps of the assignment in force that are still to come will have no effect.
template <class Item>
void CancelFollowUp(Item& item, const Lead& lead) {
  if (!lead.assignment_id.nil() && lead.follow_up != FollowUp::kNone)
    item.CancelJob(FollowUpJobKey(lead.assignment_id));
}

// For a job that belongs to no item of the batch: it goes with `item`, which has changed something.
template <class Item>
std::function<void(work::Job)> ScheduleBy(Item item) {
  return [item](work::Job job) mutable { item.Schedule(std::move(job)); };
}

// Makes `event` true and tells it.
template <class Item, class Event>
void Tell(Item& item, Lead& lead, const Event& event, absl::Time occurred = absl::InfinitePast()) {
  Apply(lead, event);
  item.Emit(lead, LeadFact<Event>{lead, event}, occurred);
}

}  // namespace crm::customer
