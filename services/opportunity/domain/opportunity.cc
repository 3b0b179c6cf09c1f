#include "services/opportunity/domain/opportunity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/errors.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

absl::Status RequireOpen(const Opportunity& o, std::string_view to) {
  if (o.status == Status::kOpen) return absl::OkStatus();
  return errors::IllegalMove("opportunity", "status", Name(o.status), to,
                             "only an open opportunity can change");
}

absl::Status RequireReason(std::string_view reason) {
  if (!reason.empty()) return absl::OkStatus();
  return errors::FailedPrecondition("REASON_REQUIRED", "say why the opportunity was closed",
                                    {{"field", "reason"}});
}

absl::Status RequireGates(const Opportunity& o, const SalesProcess& process, int from, int to,
                          const Evidence& evidence) {
  const auto missing = MissingGates(o, process, from, to, evidence);
  if (missing.empty()) return absl::OkStatus();
  errors::Metadata metadata = {{"field", "stage"}};
  for (std::size_t i = 0; i < missing.size(); ++i)
    metadata.emplace_back(absl::StrCat("gate_", i + 1), missing[i]);
  return errors::FailedPrecondition(
      "MISSING_GATES", absl::StrCat("not met yet: ", absl::StrJoin(missing, "; ")), std::move(metadata));
}

bool HasField(const Opportunity& o, std::string_view field) {
  const Details& d = o.details;
  if (field == "amount") return d.amount.has_value();
  if (field == "budget") return !d.budget.empty();
  if (field == "customer") return o.customer_id.has_value();
  if (field == "expected_close") return d.expected_close.has_value();
  if (field == "grade") return d.grade != Grade::kUnknown;
  if (field == "need") return !d.need.empty();
  if (field == "products") return !d.product_ids.empty();
  return false;
}

bool IsMet(const Gate& gate, const Opportunity& o, const Evidence& evidence) {
  switch (gate.kind) {
    case Gate::Kind::kRequiredField:
      return HasField(o, gate.value);
    case Gate::Kind::kCompletedActivity:
      return std::ranges::any_of(evidence, [&](Activity::Kind kind) { return Name(kind) == gate.value; });
    case Gate::Kind::kContactRole:
      return std::ranges::find(o.details.contact_roles, gate.value, &ContactRole::role) !=
             o.details.contact_roles.end();
  }
  return false;
}

std::string Describe(const Stage& stage, const Gate& gate) {
  switch (gate.kind) {
    case Gate::Kind::kRequiredField:
      return absl::StrCat(stage.key, ": required field ", gate.value);
    case Gate::Kind::kCompletedActivity:
      return absl::StrCat(stage.key, ": completed activity ", gate.value);
    case Gate::Kind::kContactRole:
      return absl::StrCat(stage.key, ": contact in the role ", gate.value);
  }
  return stage.key;
}

void Close(Opportunity& o, Status status, const std::string& reason, const std::string& note,
           absl::Time now) {
  o.status = status;
  o.close_reason = reason;
  o.close_note = note;
  o.close_time = o.update_time = now;
}

}  // namespace

std::vector<std::string> MissingGates(const Opportunity& o, const SalesProcess& process, int from, int to,
                                      const Evidence& evidence) {
  std::vector<std::string> missing;
  for (int i = std::max(from, 0); i < to; ++i)
    for (const Gate& gate : process.stages[i].gates)
      if (!IsMet(gate, o, evidence)) missing.push_back(Describe(process.stages[i], gate));
  return missing;
}

Standing StandingOf(const Opportunity& o, const SalesProcess& process) {
  const int order = process.IndexOf(o.stage);
  return {process.number, order, order < 0 ? Stage{.key = o.stage, .name = o.stage} : process.stages[order]};
}

OpportunityCreated Create(const CreateOpportunity& command, const SalesProcess& process, absl::Time now) {
  Opportunity o;
  o.id = command.id;
  o.owner_id = command.owner_id;
  o.org_unit_id = command.org_unit_id;
  o.external_id = command.external_id;
  if (!command.customer_id.nil()) o.customer_id = command.customer_id;
  o.customer_name = command.customer_name;
  o.details = command.details;
  o.lead_id = command.lead_id;
  o.source = command.source;
  o.campaign = command.campaign;
  o.process_id = process.id;
  o.stage = process.stages.front().key;
  o.stage_entered_time = o.open_time = o.create_time = o.update_time = now;
  Standing at = StandingOf(o, process);
  return {std::move(o), std::move(at), command.lead_captured_time};
}

absl::StatusOr<OpportunityUpdated> Update(Opportunity o, const SalesProcess& process,
                                          const UpdateOpportunity& command, absl::Time now) {
  if (auto open = RequireOpen(o, "updated"); !open.ok()) return open;
  std::vector<std::string> changed;
  const auto take = [&](std::string_view field, auto member) {
    if (std::ranges::find(command.fields, field) == command.fields.end()) return;
    if (o.details.*member == command.details.*member) return;
    o.details.*member = command.details.*member;
    changed.emplace_back(field);
  };
  take("name", &Details::name);
  take("amount", &Details::amount);
  take("expected_close", &Details::expected_close);
  take("grade", &Details::grade);
  take("budget", &Details::budget);
  take("need", &Details::need);
  take("interest", &Details::interest);
  take("competitors", &Details::competitors);
  take("contact_roles", &Details::contact_roles);
  take("product_ids", &Details::product_ids);
  if (!changed.empty()) o.update_time = now;
  if (std::ranges::find(changed, "product_ids") != changed.end())
    o.details.product_names = command.details.product_names;
  Standing at = StandingOf(o, process);
  return OpportunityUpdated{std::move(o), std::move(at), std::move(changed)};
}

absl::StatusOr<OpportunityStageMoved> Move(Opportunity o, const SalesProcess& process,
                                           const Evidence& evidence, const MoveStage& command,
                                           absl::Time now) {
  if (auto open = RequireOpen(o, command.stage); !open.ok()) return open;
  const int from = process.IndexOf(o.stage), to = process.IndexOf(command.stage);
  if (to < 0) {
    std::vector<std::string> keys;
    for (const Stage& stage : process.stages) keys.push_back(stage.key);
    return errors::FailedPrecondition(
        "UNKNOWN_STAGE",
        absl::StrCat("\"", command.stage, "\" is no stage of this opportunity's process; use one of ",
                     absl::StrJoin(keys, ", ")),
        {{"field", "stage"}});
  }
  if (to == from)
    return errors::FailedPrecondition("ALREADY_THERE",
                                      absl::StrCat("the opportunity is in \"", o.stage, "\" already"),
                                      {{"field", "stage"}});
  if (auto gates = RequireGates(o, process, from, to, evidence); !gates.ok()) return gates;

  Standing left = StandingOf(o, process);
  const absl::Time entered = std::exchange(o.stage_entered_time, now);
  o.stage = command.stage;
  o.update_time = now;
  Standing at = StandingOf(o, process);
  return OpportunityStageMoved{std::move(o), std::move(at), std::move(left), entered};
}

absl::StatusOr<OpportunityWon> Win(Opportunity o, const SalesProcess& process, const Evidence& evidence,
                                   const WinOpportunity& command, absl::Time now) {
  if (auto open = RequireOpen(o, Name(Status::kWon)); !open.ok()) return open;
  if (auto reason = RequireReason(command.reason); !reason.ok()) return reason;
  if (command.amount) o.details.amount = command.amount;
  const int from = process.IndexOf(o.stage), end = static_cast<int>(process.stages.size());
  if (auto gates = RequireGates(o, process, from, end, evidence); !gates.ok()) return gates;

  Close(o, Status::kWon, command.reason, command.note, now);
  Standing at = StandingOf(o, process);
  return OpportunityWon{std::move(o), std::move(at), std::nullopt};
}

absl::StatusOr<OpportunityLost> Lose(Opportunity o, const SalesProcess& process,
                                     const LoseOpportunity& command, absl::Time now) {
  if (auto open = RequireOpen(o, Name(Status::kLost)); !open.ok()) return open;
  if (auto reason = RequireReason(command.reason); !reason.ok()) return reason;

  Close(o, Status::kLost, command.reason, command.note, now);
  Standing at = StandingOf(o, process);
  return OpportunityLost{std::move(o), std::move(at), command.competitor};
}

}  // namespace crm::opportunity
