#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"
#include "services/customer/domain/words.h"

namespace crm::customer {

enum class InteractionKind { kVisit, kCall, kEmail, kMessage, kMeeting, kDemo, kWeb, kEvent };
enum class SubjectKind { kCustomer, kLead };

template <>
struct Words<InteractionKind> {
  static constexpr std::string_view kAll[] = {"VISIT",   "CALL", "EMAIL", "MESSAGE",
                                              "MEETING", "DEMO", "WEB",   "EVENT"};
};
template <>
struct Words<SubjectKind> {
  static constexpr std::string_view kAll[] = {"CUSTOMER", "LEAD"};
};

// A touchpoint with a customer or a lead, as it happened: written once, never changed.
struct Interaction {
  static constexpr std::string_view kAggregateType = "interaction";

  Uuid id;
  std::int64_t version = 0;
  Uuid owner_id;     // who logged it
  Uuid org_unit_id;  // the customer's or lead's
  InteractionKind kind = InteractionKind::kCall;
  SubjectKind subject_kind = SubjectKind::kCustomer;
  Uuid subject_id;
  Uuid opportunity_id;             // that it served; nil = none
  std::vector<Uuid> contact_ids;   // who took part, of theirs
  std::vector<Uuid> employee_ids;  // and of ours
  bool met_decision_maker = false;
  std::string subject, body, outcome, next_step;
  std::optional<Money> cost;
  absl::Time occurred_time, create_time;
};

struct InteractionLogged {
  Interaction interaction;
};

// What has happened lies in the past; a clock that runs a little fast is forgiven five minutes.
// Fails with INVALID_ARGUMENT on interaction.occurred_time.
absl::Status HasHappened(absl::Time occurred_time, absl::Time now);

}  // namespace crm::customer
