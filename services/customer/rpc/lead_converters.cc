#include "services/customer/rpc/lead_converters.h"

#include "absl/time/clock.h"
#include "services/customer/domain/lead_row.h"

namespace crm::customer {
namespace {

using rpc::Fields;
using rpc::ToTimestamp;

std::string OrEmpty(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

void SetTime(const std::optional<absl::Time>& time, google::protobuf::Timestamp* (*field)(v1::Lead&),
             v1::Lead& lead) {
  if (time) *field(lead) = ToTimestamp(*time);
}

v1::LeadState ToProto(LeadState state) {
  v1::LeadState proto = v1::LEAD_STATE_UNSPECIFIED;
  v1::LeadState_Parse("LEAD_STATE_" + std::string(Word(state)), &proto);
  return proto;
}

std::optional<LeadState> FromProto(v1::LeadState state) {
  return FromWord<LeadState>(v1::LeadState_Name(state).substr(std::string_view("LEAD_STATE_").size()));
}

LeadDetails DetailsOf(const v1::Lead& lead) {
  LeadDetails details;
  details.company = lead.company();
  details.contact = lead.contact_name();
  details.phone = lead.phone();
  details.email = lead.email();
  details.source = lead.source();
  details.campaign = lead.campaign();
  details.region = lead.region();
  details.industry = lead.industry();
  details.size = lead.size();
  details.note = lead.note();
  details.external_id = lead.external_id();
  details.attributes.insert(lead.attributes().begin(), lead.attributes().end());
  return details;
}

// Adds what the domain's own check finds wrong with details, "lead." before its fields.
void CheckDetails(LeadDetails& details, Fields& fields, bool needs_name) {
  errors::Violations violations;
  TidyAndCheck(details, "lead.", violations);
  for (const errors::Violation& violation : errors::ViolationsOf(violations.ToStatus())) {
    if (violation.reason == "REQUIRED" && !needs_name) continue;
    fields.Add(violation.field, violation.reason, violation.description);
  }
}

std::string Grade(std::string_view field, const std::string& grade, Fields& fields) {
  if (!grade.empty() && grade != "A" && grade != "B" && grade != "C")
    fields.Add(field, "UNKNOWN_VALUE", "must be A, B, C or empty");
  return grade;
}

absl::Duration Minutes(std::string_view field, int minutes, Fields& fields) {
  constexpr int kYear = 365 * 24 * 60;
  if (minutes < 0 || minutes > kYear) fields.Add(field, "OUT_OF_RANGE", "must be 0 to 525600");
  return absl::Minutes(minutes);
}

std::vector<Criterion> ReadCriteria(const v1::AssignmentRule& rule, Fields& fields) {
  std::vector<Criterion> criteria;
  if (rule.criteria_size() > 20)
    fields.Add("assignment_rule.criteria", "TOO_MANY", "must have at most 20 entries");
  for (int i = 0; i < rule.criteria_size(); ++i) {
    const std::string path = "assignment_rule.criteria[" + std::to_string(i) + "]";
    Criterion& criterion = criteria.emplace_back();
    criterion.field = fields.Line(path + ".field", rule.criteria(i).field(), 120, 1);
    if (!criterion.field.empty() && !IsLeadField(criterion.field))
      fields.Add(path + ".field", "UNKNOWN_FIELD", "must be a field of a lead, or attributes.KEY");
    criterion.values = fields.Lines(path + ".values", rule.criteria(i).values(), 200, 200);
    if (criterion.values.empty()) fields.Add(path + ".values", "REQUIRED", "must have at least one value");
  }
  return criteria;
}

// Checks what `named` says is given.
AssignmentRule ReadRule(const v1::AssignmentRule& proto, Fields& fields, const std::set<std::string>* only) {
  const auto named = [&](const char* field) { return only == nullptr || only->contains(field); };
  AssignmentRule rule;
  rule.org_unit_id = fields.OptionalId("assignment_rule.org_unit_id", proto.org_unit_id());
  if (named("name")) rule.name = fields.Line("assignment_rule.name", proto.name(), 200, 1);
  rule.position = proto.position();
  rule.enabled = proto.enabled();
  if (only == nullptr &&
      fields.Enum("assignment_rule.phase", proto.phase(), v1::AssignmentPhase_IsValid(proto.phase()), true))
    rule.phase = static_cast<AssignmentPhase>(proto.phase() - 1);
  rule.criteria = ReadCriteria(proto, fields);
  if (named("strategy") && fields.Enum("assignment_rule.strategy", proto.strategy(),
                                       v1::AssignmentStrategy_IsValid(proto.strategy()), true))
    rule.strategy = static_cast<Strategy>(proto.strategy() - 1);
  rule.employee_id = fields.OptionalId("assignment_rule.employee_id", proto.employee_id());
  rule.team_org_unit_id = fields.OptionalId("assignment_rule.team_org_unit_id", proto.team_org_unit_id());
  if (named("strategy")) {
    const bool person = proto.strategy() == v1::ASSIGNMENT_STRATEGY_PERSON;
    if (person && proto.employee_id().empty() && named("employee_id"))
      fields.Add("assignment_rule.employee_id", "REQUIRED", "must name the person of the strategy PERSON");
    if (!person && proto.team_org_unit_id().empty() && named("team_org_unit_id"))
      fields.Add("assignment_rule.team_org_unit_id", "REQUIRED", "must name the team");
  }
  rule.follow_up_within = Minutes("assignment_rule.follow_up_minutes", proto.follow_up_minutes(), fields);
  rule.reclaim_grace =
      Minutes("assignment_rule.reclaim_grace_minutes", proto.reclaim_grace_minutes(), fields);
  return rule;
}

}  // namespace

absl::StatusOr<CaptureLead> ToCaptureLead(const v1::CaptureLeadRequest& request) {
  Fields fields;
  CaptureLead command;
  command.draft.details = DetailsOf(request.lead());
  CheckDetails(command.draft.details, fields, true);
  command.draft.org_unit_id = fields.OptionalId("lead.org_unit_id", request.lead().org_unit_id());
  if (request.lead().has_occurred_time()) {
    command.draft.occurred = fields.Time("lead.occurred_time", request.lead().occurred_time());
    if (command.draft.occurred > absl::Now() + absl::Minutes(1))
      fields.Add("lead.occurred_time", "IN_FUTURE", "it cannot have happened yet");
  }
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateLead> ToUpdateLead(const v1::UpdateLeadRequest& request) {
  Fields fields;
  UpdateLead command;
  command.id = fields.Id("lead.id", request.lead().id());
  command.etag = fields.Etag("lead.etag", request.lead().etag());
  const auto paths = fields.Mask("update_mask", request.update_mask(),
                                 {"company", "contact_name", "phone", "email", "source", "campaign", "region",
                                  "industry", "size", "note", "attributes"});
  command.patch.details = DetailsOf(request.lead());
  CheckDetails(command.patch.details, fields, false);
  command.patch.fields.assign(paths.begin(), paths.end());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<AssignLeadTo> ToAssignLead(const v1::AssignLeadRequest& request) {
  Fields fields;
  AssignLeadTo command{fields.Id("id", request.id()), fields.Id("employee_id", request.employee_id()),
                       fields.Etag("etag", request.etag()), fields.Line("reason", request.reason(), 500)};
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<GetLead> ToGetLead(const v1::GetLeadRequest& request) {
  Fields fields;
  GetLead query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<BatchGetLeads> ToBatchGetLeads(const v1::BatchGetLeadsRequest& request) {
  Fields fields;
  BatchGetLeads query{fields.Ids("ids", request.ids(), 1000),
                      fields.Lines("external_ids", request.external_ids(), 1000, 200)};
  if (query.ids.size() + query.external_ids.size() > 1000)
    fields.Add("external_ids", "TOO_MANY", "ids and external_ids must be at most 1000 together");
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<QualifyLead> ToQualifyLead(const v1::QualifyLeadRequest& request) {
  Fields fields;
  QualifyLead command{fields.Id("id", request.id()), fields.Etag("etag", request.etag()), {}};
  if (fields.Enum("outcome", request.outcome(), v1::QualificationOutcome_IsValid(request.outcome()), true))
    command.judgement.outcome = request.outcome() == v1::QUALIFICATION_OUTCOME_OPPORTUNITY
                                    ? LeadVerdict::kOpportunity
                                    : LeadVerdict::kPotential;
  command.judgement.grade = Grade("grade", request.grade(), fields);
  command.judgement.note = fields.Text("note", request.note(), 4000);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ConvertLead> ToConvertLead(const v1::ConvertLeadRequest& request) {
  Fields fields;
  ConvertLead command;
  command.id = fields.Id("id", request.id());
  command.etag = fields.Etag("etag", request.etag());
  command.customer_id = fields.OptionalId("customer_id", request.customer_id());
  command.customer_name = fields.Line("customer_name", request.customer_name(), 300);
  command.opportunity_name = fields.Line("opportunity_name", request.opportunity_name(), 300);
  if (request.has_amount()) command.amount = fields.Amount("amount", request.amount());
  command.expected_close_date = fields.Date("expected_close_date", request.expected_close_date());
  command.process_key = fields.Line("process_key", request.process_key(), 100);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<DisqualifyLead> ToDisqualifyLead(const v1::DisqualifyLeadRequest& request) {
  Fields fields;
  DisqualifyLead command{fields.Id("id", request.id()), fields.Etag("etag", request.etag()), {}};
  command.disqualified.reason = fields.Line("reason", request.reason(), 100, 1);
  command.disqualified.note = fields.Text("note", request.note(), 4000);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<CreateAssignmentRule> ToCreateRule(const v1::CreateAssignmentRuleRequest& request) {
  Fields fields;
  CreateAssignmentRule command{ReadRule(request.assignment_rule(), fields, nullptr)};
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateAssignmentRule> ToUpdateRule(const v1::UpdateAssignmentRuleRequest& request) {
  Fields fields;
  UpdateAssignmentRule command;
  command.id = fields.Id("assignment_rule.id", request.assignment_rule().id());
  command.etag = fields.Etag("assignment_rule.etag", request.assignment_rule().etag());
  const auto paths = fields.Mask("update_mask", request.update_mask(),
                                 {"name", "position", "enabled", "criteria", "strategy", "employee_id",
                                  "team_org_unit_id", "follow_up_minutes", "reclaim_grace_minutes"});
  command.rule = ReadRule(request.assignment_rule(), fields, &paths);
  command.fields.assign(paths.begin(), paths.end());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ListLeads> ToListLeads(const v1::ListLeadsRequest& request, const rpc::Paging& paging,
                                      Fields& fields) {
  ListLeads query;
  query.limit = paging.limit();
  query.before = paging.IdAt(0, fields);
  const auto id = [&](const char* field, const std::string& value) -> std::optional<Uuid> {
    if (value.empty()) return std::nullopt;
    return fields.OptionalId(field, value);
  };
  LeadFilter& filter = query.filter;
  if (fields.Enum("state", request.state(), v1::LeadState_IsValid(request.state())))
    filter.state = FromProto(request.state());
  filter.owner_id = id("owner_id", request.owner_id());
  filter.org_unit_id = id("org_unit_id", request.org_unit_id());
  filter.import_id = id("import_id", request.import_id());
  if (!request.source().empty()) filter.source = fields.Line("source", request.source(), 100);
  if (!request.external_id().empty())
    filter.external_id = fields.Line("external_id", request.external_id(), 200);
  if (request.waiting()) filter.waiting = true;
  if (!fields.status().ok()) return fields.status();
  return query;
}

v1::Lead ToProto(const Lead& lead) {
  const LeadDetails& details = lead.details;
  v1::Lead proto;
  proto.set_id(lead.id.ToString());
  proto.set_company(details.company);
  proto.set_contact_name(details.contact);
  proto.set_phone(details.phone);
  proto.set_email(details.email);
  proto.set_source(details.source);
  proto.set_campaign(details.campaign);
  proto.set_region(details.region);
  proto.set_industry(details.industry);
  proto.set_size(details.size);
  proto.set_note(details.note);
  proto.set_external_id(details.external_id);
  proto.mutable_attributes()->insert(details.attributes.begin(), details.attributes.end());
  proto.set_state(ToProto(lead.state));
  if (lead.verdict == LeadVerdict::kOpportunity)
    proto.set_qualification(v1::QUALIFICATION_OUTCOME_OPPORTUNITY);
  if (lead.verdict == LeadVerdict::kPotential) proto.set_qualification(v1::QUALIFICATION_OUTCOME_POTENTIAL);
  proto.set_grade(lead.grade);
  proto.set_owner_id(OrEmpty(lead.owner_id));
  proto.set_org_unit_id(OrEmpty(lead.org_unit_id));
  *proto.mutable_occurred_time() = ToTimestamp(lead.occurred_time);
  if (lead.follow_up == FollowUp::kPending || lead.follow_up == FollowUp::kMissed)
    SetTime(
        lead.follow_up_due, [](v1::Lead& l) { return l.mutable_follow_up_due_time(); }, proto);
  proto.set_waiting_reason(lead.waiting_reason);
  proto.set_disqualify_reason(lead.disqualify_reason);
  proto.set_customer_id(OrEmpty(lead.customer_id));
  proto.set_opportunity_id(OrEmpty(lead.opportunity_id));
  proto.set_import_id(OrEmpty(lead.import_id));
  proto.set_possible_duplicate_of_id(OrEmpty(lead.possible_duplicate_of));
  proto.set_etag(std::to_string(lead.version));
  *proto.mutable_create_time() = ToTimestamp(lead.create_time);
  *proto.mutable_update_time() = ToTimestamp(lead.update_time);
  return proto;
}

v1::AssignmentRule ToProto(const AssignmentRule& rule) {
  v1::AssignmentRule proto;
  proto.set_id(rule.id.ToString());
  proto.set_org_unit_id(OrEmpty(rule.org_unit_id));
  proto.set_name(rule.name);
  proto.set_position(rule.position);
  proto.set_enabled(rule.enabled);
  proto.set_phase(static_cast<v1::AssignmentPhase>(static_cast<int>(rule.phase) + 1));
  for (const Criterion& criterion : rule.criteria) {
    v1::AssignmentCriterion& added = *proto.add_criteria();
    added.set_field(criterion.field);
    added.mutable_values()->Assign(criterion.values.begin(), criterion.values.end());
  }
  proto.set_strategy(static_cast<v1::AssignmentStrategy>(static_cast<int>(rule.strategy) + 1));
  proto.set_employee_id(OrEmpty(rule.employee_id));
  proto.set_team_org_unit_id(OrEmpty(rule.team_org_unit_id));
  proto.set_follow_up_minutes(static_cast<int>(absl::ToInt64Minutes(rule.follow_up_within)));
  proto.set_reclaim_grace_minutes(static_cast<int>(absl::ToInt64Minutes(rule.reclaim_grace)));
  proto.set_etag(std::to_string(rule.version));
  *proto.mutable_create_time() = ToTimestamp(rule.create_time);
  *proto.mutable_update_time() = ToTimestamp(rule.update_time);
  return proto;
}

v1::AssignmentDecision ToProto(const StoredDecision& stored) {
  const Decision& decision = stored.decision;
  v1::AssignmentDecision proto;
  proto.set_id(stored.id.ToString());
  proto.set_lead_id(stored.lead_id.ToString());
  proto.set_rule_id(OrEmpty(decision.rule_id));
  proto.set_rule_name(decision.rule_name);
  proto.set_rule_version(decision.rule_version);
  if (const auto strategy = FromWord<Strategy>(stored.strategy))
    proto.set_strategy(static_cast<v1::AssignmentStrategy>(static_cast<int>(*strategy) + 1));
  proto.set_assignee_id(OrEmpty(decision.chosen_id));
  if (decision.outcome == AssignmentOutcome::kWaiting) proto.set_waiting_reason(decision.reason);
  if (decision.outcome == AssignmentOutcome::kAssigned) proto.set_reason(decision.reason);
  proto.set_tie_break(decision.tie_break);
  *proto.mutable_decide_time() = ToTimestamp(stored.decide_time);
  for (const CandidateVerdict& candidate : decision.candidates) {
    v1::AssignmentDecision::Candidate& added = *proto.add_candidates();
    added.set_employee_id(candidate.employee_id.ToString());
    added.set_name(candidate.name);
    added.set_open_leads(static_cast<int>(candidate.open_leads));
    added.set_capacity(static_cast<int>(candidate.capacity));
    if (candidate.last_assigned) *added.mutable_last_assigned_time() = ToTimestamp(*candidate.last_assigned);
    added.set_passed_over(candidate.reason);
  }
  proto.set_more_candidates(decision.more_candidates);
  return proto;
}

}  // namespace crm::customer
