#include "tools/demo/deal.h"

namespace crm::demo {

using namespace crm::opportunity::v1;  // NOLINT: this file is the story of an opportunity
using LeadStub = customer::v1::LeadService::Stub;
using CustomerStub = customer::v1::CustomerService::Stub;

constexpr std::int64_t kYuan = 100;

namespace {

ScheduleActivityRequest Visit(ActivitySubject subject, const std::string& subject_id,
                              const std::string& title) {
  ScheduleActivityRequest request;
  auto& activity = *request.mutable_activity();
  activity.set_kind(ACTIVITY_KIND_VISIT);
  activity.set_subject_type(subject);
  activity.set_subject_id(subject_id);
  activity.set_title(title);
  activity.set_local_time(Day(1) + "T10:00:00");
  activity.set_time_zone("Asia/Shanghai");
  activity.set_duration_minutes(60);
  return request;
}

bool Closed(const customer::v1::Lead& lead) {
  return lead.state() == customer::v1::LEAD_STATE_CONVERTED ||
         lead.state() == customer::v1::LEAD_STATE_DISQUALIFIED ||
         lead.state() == customer::v1::LEAD_STATE_NURTURING;
}

}  // namespace

Story Journey::Follow(const std::string& lead_id, Ending ending, int number) const {
  Deal deal{.lead_id = lead_id,
            .opportunity_id = "",
            .customer_id = "",
            .quote_id = "",
            .token = tokens_.Administrator(),
            .ending = ending,
            .number = number,
            .story = {}};
  deal.story.ending = ending;
  try {
    PlanFollowUp(deal);
    if (ending == Ending::kPlanned || !Judge(deal)) return deal.story;
    Convert(deal);
    PrepareOpportunity(deal);
    Advance(deal, "proposal");
    if (ending == Ending::kOpen) return deal.story;
    QuoteAndClose(deal);
    if (ending == Ending::kWon) Collect(deal);
  } catch (const std::exception& error) {
    deal.story.trouble = absl::StrCat("lead ", lead_id, ": ", error.what());
  }
  return deal.story;
}

customer::v1::Lead Journey::Lead(const Deal& deal) const {
  customer::v1::GetLeadRequest request;
  request.set_id(deal.lead_id);
  return Call(clients_.leads, &LeadStub::GetLead, deal.token, request).lead();
}

std::string Journey::LatestDecision(const Deal& deal) const {
  customer::v1::GetAssignmentDecisionRequest request;
  request.set_lead_id(deal.lead_id);
  return Call(clients_.leads, &LeadStub::GetAssignmentDecision, deal.token, request).decision().id();
}

opportunity::v1::Opportunity Journey::Opportunity(const Deal& deal) const {
  GetOpportunityRequest request;
  request.set_id(deal.opportunity_id);
  return Call(clients_.opportunities, &OpportunityService::Stub::GetOpportunity, deal.token, request)
      .opportunity();
}

// The plan stops the follow-up deadline: the customer service hears of it by event.
void Journey::PlanFollowUp(Deal& deal) const {
  const auto lead = Lead(deal);
  deal.token = tokens_.OfId(lead.owner_id());
  deal.story.planned = true;
  if (lead.state() != customer::v1::LEAD_STATE_ASSIGNED || lead.qualification() != 0) return;
  auto plan = Visit(ACTIVITY_SUBJECT_LEAD, deal.lead_id, "首次拜访 First visit");
  plan.set_request_id(deal.RequestId("plan"));
  const auto activity =
      Call(clients_.activities, &ActivityService::Stub::ScheduleActivity, deal.token, plan).activity();
  Await("the lead's move to WORKING", kPatience,
        [&] { return Lead(deal).state() == customer::v1::LEAD_STATE_WORKING; });
  if (deal.ending == Ending::kPlanned) return;

  CompleteActivityRequest done;
  done.set_id(activity.id());
  done.set_outcome("需求明确，预算已批 Need is clear, budget approved");
  done.set_met_decision_maker(true);
  done.set_spent_minutes(90);
  done.set_request_id(deal.RequestId("visit"));
  Call(clients_.activities, &ActivityService::Stub::CompleteActivity, deal.token, done);

  customer::v1::LogInteractionRequest log;
  auto& interaction = *log.mutable_interaction();
  interaction.set_lead_id(deal.lead_id);
  interaction.set_kind(customer::v1::INTERACTION_KIND_VISIT);
  interaction.set_subject("首次拜访 First visit");
  interaction.set_met_decision_maker(true);
  interaction.set_next_step("方案与报价 Proposal and quote");
  log.set_request_id(deal.RequestId("interaction"));
  Call(clients_.customers, &CustomerStub::LogInteraction, deal.token, log);
}

bool Journey::Judge(Deal& deal) const {
  auto lead = Lead(deal);
  deal.story.judged = true;
  if (deal.ending == Ending::kDisqualified) {
    if (Closed(lead)) return false;
    customer::v1::DisqualifyLeadRequest request;
    request.set_id(deal.lead_id);
    request.set_reason("NO_BUDGET");
    request.set_note("今年没有预算 No budget this year");
    request.set_request_id(deal.RequestId("disqualify"));
    Call(clients_.leads, &LeadStub::DisqualifyLead, deal.token, request);
    return false;
  }
  const auto outcome = deal.ending == Ending::kNurtured ? customer::v1::QUALIFICATION_OUTCOME_POTENTIAL
                                                        : customer::v1::QUALIFICATION_OUTCOME_OPPORTUNITY;
  std::string decision;  // by which it was given away before it was judged
  if (lead.qualification() == customer::v1::QUALIFICATION_OUTCOME_UNSPECIFIED) {
    decision = LatestDecision(deal);
    customer::v1::QualifyLeadRequest request;
    request.set_id(deal.lead_id);
    request.set_outcome(outcome);
    request.set_grade(std::string(1, static_cast<char>('A' + deal.number % 3)));
    request.set_note("由拜访结果判断 Judged by what the visit brought");
    request.set_request_id(deal.RequestId("qualify"));
    Call(clients_.leads, &LeadStub::QualifyLead, deal.token, request);
  }
  if (deal.ending == Ending::kNurtured) return false;
  // The rules for sales decide who gets it; that may be somebody else.
  Await("the decision of the rules for sales", kPatience, [&] {
    if (!decision.empty() && LatestDecision(deal) == decision) return false;
    lead = Lead(deal);
    return Closed(lead) || (!lead.owner_id().empty() && lead.waiting_reason().empty() &&
                            (lead.state() == customer::v1::LEAD_STATE_ASSIGNED ||
                             lead.state() == customer::v1::LEAD_STATE_WORKING));
  });
  deal.token = tokens_.OfId(lead.owner_id());
  return true;
}

void Journey::Convert(Deal& deal) const {
  auto lead = Lead(deal);
  if (lead.state() != customer::v1::LEAD_STATE_CONVERTED) {
    customer::v1::ConvertLeadRequest request;
    request.set_id(deal.lead_id);
    request.set_customer_name(!lead.company().empty()        ? lead.company()
                              : !lead.contact_name().empty() ? lead.contact_name()
                                                             : "客户 Customer " + lead.external_id());
    request.mutable_amount()->set_currency_code("CNY");
    request.mutable_amount()->set_minor_units((200'000 + 50'000 * (deal.number % 7)) * kYuan);
    request.set_expected_close_date(Day(45));
    request.set_process_key("sample");
    request.set_request_id(deal.RequestId("convert"));
    Call(clients_.leads, &LeadStub::ConvertLead, deal.token, request);
    lead = Lead(deal);
  }
  deal.opportunity_id = lead.opportunity_id();
  deal.customer_id = lead.customer_id();
  deal.story.converted = true;
  Await("the opportunity of a converted lead", kPatience, [&] {
    try {
      return Opportunity(deal).id() == deal.opportunity_id;
    } catch (const Refused& refused) {
      if (refused.code != grpc::StatusCode::NOT_FOUND) throw;
      return false;
    }
  });
}

// Fills in what the gates of the process ask for: need, close date, the decision maker, a visit.
void Journey::PrepareOpportunity(Deal& deal) const {
  const auto known = Opportunity(deal);
  if (known.status() != OPPORTUNITY_STATUS_OPEN || !known.need().empty()) return;
  customer::v1::CreateContactRequest person;
  auto& contact = *person.mutable_contact();
  contact.set_customer_id(deal.customer_id);
  contact.set_name("采购总监 Purchasing director");
  contact.add_roles(customer::v1::CONTACT_ROLE_DECISION_MAKER);
  contact.set_influence(5);
  person.set_request_id(deal.RequestId("contact"));
  const auto contact_id =
      Call(clients_.customers, &CustomerStub::CreateContact, deal.token, person).contact().id();

  UpdateOpportunityRequest update;
  auto& opportunity = *update.mutable_opportunity();
  opportunity.set_id(deal.opportunity_id);
  opportunity.set_need("泵站节能改造 Energy saving in the pump station");
  opportunity.set_budget("已批准 approved");
  opportunity.set_expected_close_date(Day(45));
  opportunity.add_product_ids(product_ids_[deal.number % product_ids_.size()]);
  auto& role = *opportunity.add_contacts();
  role.set_contact_id(contact_id);
  role.set_role("DECISION_MAKER");
  for (const char* field : {"need", "budget", "expected_close_date", "product_ids", "contacts"})
    update.mutable_update_mask()->add_paths(field);
  update.set_request_id(deal.RequestId("update"));
  Call(clients_.opportunities, &OpportunityService::Stub::UpdateOpportunity, deal.token, update);

  auto visit = Visit(ACTIVITY_SUBJECT_OPPORTUNITY, deal.opportunity_id, "方案交流 Talk about the proposal");
  visit.set_request_id(deal.RequestId("second-plan"));
  CompleteActivityRequest done;
  done.set_id(
      Call(clients_.activities, &ActivityService::Stub::ScheduleActivity, deal.token, visit).activity().id());
  done.set_outcome("方案认可 They like the proposal");
  done.set_met_decision_maker(true);
  done.set_spent_minutes(120);
  done.set_request_id(deal.RequestId("second-visit"));
  Call(clients_.activities, &ActivityService::Stub::CompleteActivity, deal.token, done);
}

void Journey::Advance(Deal& deal, const std::string& stage) const {
  const auto opportunity = Opportunity(deal);
  if (opportunity.status() != OPPORTUNITY_STATUS_OPEN || opportunity.stage() == stage ||
      opportunity.stage() == "negotiation")
    return;
  MoveStageRequest request;
  request.set_id(deal.opportunity_id);
  request.set_stage(stage);
  request.set_request_id(deal.RequestId("to-" + stage));
  Call(clients_.opportunities, &OpportunityService::Stub::MoveStage, deal.token, request);
}

}  // namespace crm::demo
