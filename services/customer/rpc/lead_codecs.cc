#include "services/customer/rpc/lead_codecs.h"

#include "common/rpc/fields.h"
#include "crm/event/v1/event.pb.h"
#include "services/customer/rpc/directory_converters.h"
#include "services/customer/rpc/import_converters.h"
#include "services/customer/rpc/lead_converters.h"

namespace crm::customer {
namespace {

namespace event = crm::event::v1;
using rpc::ToTimestamp;

std::string OrEmpty(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

outbox::EncodedEvent Encoded(const char* type, const event::Event& envelope) {
  return {type, envelope.SerializeAsString()};
}

void SetFacts(const Lead& lead, event::LeadFacts& facts) {
  const LeadDetails& details = lead.details;
  facts.set_lead_id(lead.id.ToString());
  facts.set_company(details.company);
  facts.set_contact_name(details.contact);
  facts.set_phone(details.phone);
  facts.set_email(details.email);
  facts.set_source(details.source);
  facts.set_campaign(details.campaign);
  facts.set_region(details.region);
  facts.set_industry(details.industry);
  facts.set_size(details.size);
  facts.set_state(std::string(Word(lead.state)));
  facts.set_owner_id(OrEmpty(lead.owner_id));
  facts.set_org_unit_id(OrEmpty(lead.org_unit_id));
  facts.set_external_id(details.external_id);
  facts.set_import_id(OrEmpty(lead.import_id));
}

outbox::EncodedEvent Encode(const LeadFact<LeadCaptured>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_captured();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.mutable_attributes()->insert(fact.lead.details.attributes.begin(),
                                       fact.lead.details.attributes.end());
  payload.set_note(fact.lead.details.note);
  payload.set_history(fact.lead.history);
  return Encoded("LeadCaptured", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadUpdated>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_updated();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.mutable_changed_fields()->Assign(fact.happened.changed_fields.begin(),
                                           fact.happened.changed_fields.end());
  return Encoded("LeadUpdated", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadWorkStarted>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_updated();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.add_changed_fields("state");
  return Encoded("LeadUpdated", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadKept>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_updated();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.add_changed_fields("waiting_reason");
  return Encoded("LeadUpdated", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadAssigned>& fact) {
  const AssignmentGrant& grant = fact.happened.grant;
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_assigned();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_assignment_id(grant.assignment_id.ToString());
  payload.set_previous_owner_id(OrEmpty(fact.happened.previous_owner_id));
  payload.set_rule_id(OrEmpty(grant.rule_id));
  payload.set_rule_version(grant.rule_version);
  payload.set_strategy(grant.strategy);
  if (grant.follow_up_due) *payload.mutable_follow_up_due_time() = ToTimestamp(*grant.follow_up_due);
  return Encoded("LeadAssigned", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadWaiting>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_waiting();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_reason(fact.happened.reason);
  payload.set_rule_id(OrEmpty(fact.happened.grounds.rule_id));
  for (const Uuid& id : fact.happened.alert_employee_ids) payload.add_alert_employee_ids(id.ToString());
  return Encoded("LeadWaiting", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadNurtured>& fact) {
  event::Event envelope;
  SetFacts(fact.lead, *envelope.mutable_lead_nurtured()->mutable_lead());
  return Encoded("LeadNurtured", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<FollowUpReminder>& fact) {
  const std::string percent = std::to_string(fact.happened.percent), name = DisplayName(fact.lead.details);
  event::Event envelope;
  auto& payload = *envelope.mutable_reminder_due();
  payload.add_recipient_ids(OrEmpty(fact.lead.owner_id));
  payload.set_kind("follow_up_due");
  payload.set_subject_type("lead");
  payload.set_subject_id(fact.lead.id.ToString());
  payload.set_title("Plan the follow-up of " + name + ": " + percent + " % of the time has passed");
  payload.set_title_zh("请安排跟进：" + name + "（时限已过 " + percent + "%）");
  *payload.mutable_due_time() = ToTimestamp(fact.happened.due);
  return Encoded("ReminderDue", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadFollowUpMissed>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_follow_up_missed();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_assignment_id(fact.happened.assignment_id.ToString());
  payload.set_manager_id(OrEmpty(fact.happened.manager_id));
  *payload.mutable_due_time() = ToTimestamp(fact.happened.due);
  return Encoded("LeadFollowUpMissed", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadFollowUpMissWithdrawn>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_follow_up_miss_withdrawn();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_assignment_id(fact.happened.assignment_id.ToString());
  payload.set_activity_id(fact.happened.activity_id.ToString());
  return Encoded("LeadFollowUpMissWithdrawn", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadReclaimed>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_reclaimed();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_previous_owner_id(OrEmpty(fact.happened.previous_owner_id));
  payload.set_assignment_id(fact.happened.assignment_id.ToString());
  payload.set_reason("FOLLOW_UP_MISSED");
  return Encoded("LeadReclaimed", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadQualified>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_qualified();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_outcome(std::string(Word(fact.happened.outcome)));
  payload.set_grade(fact.happened.grade);
  payload.set_note(fact.happened.note);
  return Encoded("LeadQualified", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadConverted>& fact) {
  const Conversion& conversion = fact.happened.conversion;
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_converted();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_customer_id(conversion.customer_id.ToString());
  payload.set_customer_name(conversion.customer_name);
  payload.set_contact_id(OrEmpty(conversion.contact_id));
  payload.set_opportunity_id(conversion.opportunity_id.ToString());
  payload.set_opportunity_name(conversion.opportunity_name);
  if (!conversion.currency.empty()) {
    payload.mutable_amount()->set_currency_code(conversion.currency);
    payload.mutable_amount()->set_minor_units(conversion.amount_minor);
  }
  payload.set_expected_close_date(conversion.expected_close_date);
  payload.set_customer_existed(conversion.customer_existed);
  payload.set_owner_id(OrEmpty(conversion.owner_id));
  payload.set_org_unit_id(OrEmpty(conversion.org_unit_id));
  payload.set_grade(conversion.grade);
  *payload.mutable_lead_captured_time() = ToTimestamp(fact.lead.occurred_time);
  payload.set_process_key(conversion.process_key);
  return Encoded("LeadConverted", envelope);
}

outbox::EncodedEvent Encode(const LeadFact<LeadDisqualified>& fact) {
  event::Event envelope;
  auto& payload = *envelope.mutable_lead_disqualified();
  SetFacts(fact.lead, *payload.mutable_lead());
  payload.set_reason(fact.happened.reason);
  payload.set_note(fact.happened.note);
  return Encoded("LeadDisqualified", envelope);
}

outbox::EncodedEvent Encode(const AssignmentRuleChanged& changed) {
  event::Event envelope;
  auto& payload = *envelope.mutable_assignment_rule_changed();
  payload.set_rule_id(changed.rule.id.ToString());
  payload.set_org_unit_id(OrEmpty(changed.rule.org_unit_id));
  payload.set_name(changed.rule.name);
  payload.set_position(changed.rule.position);
  payload.set_enabled(changed.rule.enabled);
  return Encoded("AssignmentRuleChanged", envelope);
}

outbox::EncodedEvent Encode(const ImportChanged& changed) {
  const LeadImport& import = changed.import;
  event::Event envelope;
  auto& payload = *envelope.mutable_import_changed();
  payload.set_import_id(import.id.ToString());
  payload.set_kind("leads");
  payload.set_name(import.name);
  payload.set_state(std::string(imports::Name(import.state)));
  payload.set_rows_read(import.rows_read);
  payload.set_rows_imported(import.rows_imported);
  payload.set_rows_rejected(import.rows_rejected);
  payload.set_rows_duplicate(import.rows_duplicate);
  return Encoded("ImportChanged", envelope);
}

outbox::EncodedEvent Encode(const OrgUnitChanged& changed) {
  const OrgUnit& unit = changed.org_unit;
  event::Event envelope;
  auto& payload = *envelope.mutable_org_unit_changed();
  payload.set_org_unit_id(unit.id.ToString());
  payload.set_parent_id(OrEmpty(unit.parent_id));
  payload.set_name(unit.name);
  payload.set_kind(std::string(Word(unit.kind)));
  payload.set_path(unit.path);
  payload.set_external_id(unit.external_id);
  return Encoded("OrgUnitChanged", envelope);
}

outbox::EncodedEvent Encode(const EmployeeChanged& changed) {
  const Employee& employee = changed.employee;
  event::Event envelope;
  auto& payload = *envelope.mutable_employee_changed();
  payload.set_employee_id(employee.id.ToString());
  payload.set_name(employee.name);
  payload.set_login(employee.login);
  payload.set_org_unit_id(OrEmpty(employee.org_unit_id));
  payload.set_manager_id(OrEmpty(employee.manager_id));
  payload.set_state(std::string(Word(employee.state)));
  payload.set_capacity(employee.capacity);
  payload.mutable_roles()->Assign(employee.roles.begin(), employee.roles.end());
  payload.set_time_zone(employee.time_zone);
  payload.set_external_id(employee.external_id);
  return Encoded("EmployeeChanged", envelope);
}

template <class... Events>
void BindLeadFacts(work::Codecs& codecs) {
  (codecs.BindEvent<LeadFact<Events>>([](const LeadFact<Events>& fact) { return Encode(fact); }), ...);
}

template <class... Events>
void BindEvents(work::Codecs& codecs) {
  (codecs.BindEvent<Events>([](const Events& event) { return Encode(event); }), ...);
}

template <class... Replies>
void BindReplies(work::Codecs& codecs) {
  (codecs.BindReply<Replies>([](const Replies& reply) { return ToProto(reply).SerializeAsString(); }), ...);
}

}  // namespace

void BindLeadCodecs(work::Codecs& codecs) {
  BindLeadFacts<LeadCaptured, LeadUpdated, LeadWorkStarted, LeadAssigned, LeadWaiting, LeadKept, LeadNurtured,
                FollowUpReminder, LeadFollowUpMissed, LeadFollowUpMissWithdrawn, LeadReclaimed, LeadQualified,
                LeadConverted, LeadDisqualified>(codecs);
  BindEvents<AssignmentRuleChanged, ImportChanged, OrgUnitChanged, EmployeeChanged>(codecs);
  BindReplies<Lead, AssignmentRule, OrgUnit, Employee>(codecs);
  codecs.BindReply<CapturedLead>([](const CapturedLead& captured) {
    v1::CaptureLeadResponse response;
    *response.mutable_lead() = ToProto(captured.lead);
    response.set_existed(captured.existed);
    return response.SerializeAsString();
  });
  codecs.BindReply<LeadConversion>([](const LeadConversion& converted) {
    v1::ConvertLeadResponse response;
    *response.mutable_lead() = ToProto(converted.lead);
    response.set_customer_id(converted.conversion.customer_id.ToString());
    response.set_contact_id(OrEmpty(converted.conversion.contact_id));
    response.set_opportunity_id(converted.conversion.opportunity_id.ToString());
    response.set_customer_existed(converted.conversion.customer_existed);
    return response.SerializeAsString();
  });
}

}  // namespace crm::customer
