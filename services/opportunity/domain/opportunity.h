#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"
#include "services/opportunity/domain/activity.h"
#include "services/opportunity/domain/sales_process.h"

// The business on one screen. An opportunity is a deal that may be won:
//
//     OPEN ──MoveStage──▶ OPEN     forwards when every gate passed over is met; backwards freely
//      ├────Win─────────▶ WON      every gate of the way that was left is met, and a reason is given
//      └────Lose────────▶ LOST     a reason is given
//
// Pure: no I/O, no proto, no clock. Each verb answers what happened, the opportunity as it became included,
// or a named error; whoever asked makes it true with `opportunity = happened.opportunity`.
namespace crm::opportunity {

enum class Status { kOpen, kWon, kLost, kAbandoned };
enum class Grade { kUnknown, kA, kB, kC };

struct ContactRole {
  Uuid contact_id;
  std::string role;  // DECISION_MAKER, INFLUENCER, CHAMPION, USER, GATEKEEPER, PURCHASER, BILLING
  friend bool operator==(const ContactRole&, const ContactRole&) = default;
};

// What the seller knows about the deal and may correct at any time while it is open.
struct Details {
  std::string name;
  std::optional<Money> amount;  // unknown until somebody has estimated it
  std::optional<absl::CivilDay> expected_close;
  Grade grade = Grade::kUnknown;
  std::string budget, need, interest, competitors;
  std::vector<ContactRole> contact_roles;
  std::vector<Uuid> product_ids;
  std::vector<std::string> product_names;  // in the same order
  friend bool operator==(const Details&, const Details&) = default;
};

struct Opportunity {
  static constexpr std::string_view kAggregateType = "opportunity";

  Uuid id, owner_id, org_unit_id;
  std::string external_id;
  std::optional<Uuid> customer_id;  // missing only in imported history
  std::string customer_name;
  Details details;
  std::string source, campaign;
  std::optional<Uuid> lead_id;
  std::optional<Uuid> import_id;  // of the last import that told of it

  Uuid process_id;
  std::string stage;
  absl::Time stage_entered_time;
  Status status = Status::kOpen;
  std::string close_reason, close_note;
  absl::Time open_time;                                   // when it really began
  std::optional<absl::Time> close_time;                   // when it was really won or lost
  bool history() const { return import_id.has_value(); }  // gates were skipped

  std::int64_t version = 0;  // the etag; equals the last aggregate_seq
  absl::Time create_time, update_time;
};

// ── Commands
// ────────────────────────────────────────────────────────────────────────────────────────────────

struct CreateOpportunity {
  Uuid id, owner_id, org_unit_id;  // nil: a new one, the caller, the caller's
  Uuid customer_id;
  std::string customer_name;  // empty: asked from the customer service
  std::string external_id, source, campaign;
  Details details;
  std::string process_key;  // its newest version; empty = kStandardProcess
  std::optional<Uuid> lead_id;
  std::optional<absl::Time> lead_captured_time;
};
struct UpdateOpportunity {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  Details details;                  // the values of `fields`
  std::vector<std::string> fields;  // names of members of Details
};
struct MoveStage {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  std::string stage;
};
struct WinOpportunity {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  std::string reason, note;
  std::optional<Money> amount;  // what was won, where it is not what was expected
};
struct LoseOpportunity {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  std::string reason, note, competitor;
};

// ── What happened
// ───────────────────────────────────────────────────────────────────────────────────────────

// Where it stands on its process: told with every event, so that no listener has to ask back.
struct Standing {
  int process_number = 0;
  int order = 0;  // of the stage, from 0
  Stage stage;
};

struct OpportunityCreated {
  Opportunity opportunity;
  Standing at;
  std::optional<absl::Time> lead_captured_time;
};
struct OpportunityUpdated {
  Opportunity opportunity;
  Standing at;
  std::vector<std::string> fields;  // those that really changed
};
struct OpportunityAmountChanged {
  Opportunity opportunity;
  Standing at;
  std::optional<Money> from;
};
struct OpportunityStageMoved {
  Opportunity opportunity;
  Standing at, from;
  absl::Time from_entered_time;
};
struct OpportunityWon {
  Opportunity opportunity;
  Standing at;
  std::optional<Uuid> quote_id;  // the accepted quote that won it
};
struct OpportunityLost {
  Opportunity opportunity;
  Standing at;
  std::string competitor;
};

// ── Rules
// ───────────────────────────────────────────────────────────────────────────────────────────────────

// Kinds of activities completed for an opportunity.
using Evidence = std::vector<Activity::Kind>;

// The gates of stages [from, to) that `o` does not meet; each reads "proposal: required field amount".
std::vector<std::string> MissingGates(const Opportunity& o, const SalesProcess& process, int from, int to,
                                      const Evidence& evidence);

Standing StandingOf(const Opportunity& o, const SalesProcess& process);

// Starts in the first stage of `process`.
OpportunityCreated Create(const CreateOpportunity& command, const SalesProcess& process, absl::Time now);

// ILLEGAL_STATE_MOVE unless open. An update that changes nothing names no fields.
absl::StatusOr<OpportunityUpdated> Update(Opportunity o, const SalesProcess& process,
                                          const UpdateOpportunity& command, absl::Time now);

// ILLEGAL_STATE_MOVE unless open; UNKNOWN_STAGE; MISSING_GATES naming each. To the stage it is in:
// ALREADY_THERE.
absl::StatusOr<OpportunityStageMoved> Move(Opportunity o, const SalesProcess& process,
                                           const Evidence& evidence, const MoveStage& command,
                                           absl::Time now);

// ILLEGAL_STATE_MOVE unless open; REASON_REQUIRED; MISSING_GATES naming each of the stages not yet left.
absl::StatusOr<OpportunityWon> Win(Opportunity o, const SalesProcess& process, const Evidence& evidence,
                                   const WinOpportunity& command, absl::Time now);

// ILLEGAL_STATE_MOVE unless open; REASON_REQUIRED.
absl::StatusOr<OpportunityLost> Lose(Opportunity o, const SalesProcess& process,
                                     const LoseOpportunity& command, absl::Time now);

}  // namespace crm::opportunity
