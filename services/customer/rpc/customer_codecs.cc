#include "services/customer/rpc/customer_codecs.h"

#include "crm/event/v1/event.pb.h"
#include "services/customer/rpc/customer_converters.h"

namespace crm::customer {
namespace {

namespace event = crm::event::v1;

std::string OrEmpty(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

outbox::EncodedEvent Encoded(const char* type, const event::Event& envelope) {
  return {type, envelope.SerializeAsString()};
}

event::CustomerFacts FactsOf(const Customer& customer) {
  const CustomerProfile& profile = customer.profile;
  event::CustomerFacts facts;
  facts.set_customer_id(customer.id.ToString());
  facts.set_name(profile.name);
  facts.set_kind(std::string(Word(profile.kind)));
  facts.set_industry(profile.industry);
  facts.set_region(profile.region);
  facts.set_size(profile.size);
  facts.set_grade(std::string(Word(profile.grade)));
  facts.set_source(profile.source);
  facts.set_lifecycle(std::string(Word(customer.lifecycle)));
  facts.set_owner_id(OrEmpty(customer.owner_id));
  facts.set_org_unit_id(OrEmpty(customer.org_unit_id));
  facts.set_parent_id(OrEmpty(profile.parent_id));
  facts.set_external_id(profile.external_id);
  facts.set_time_zone(profile.time_zone);
  return facts;
}

outbox::EncodedEvent EncodeCreated(const CustomerCreated& created) {
  event::Event envelope;
  auto& payload = *envelope.mutable_customer_created();
  *payload.mutable_customer() = FactsOf(created.customer);
  payload.set_lead_id(OrEmpty(created.customer.lead_id));
  return Encoded("CustomerCreated", envelope);
}

outbox::EncodedEvent EncodeUpdated(const CustomerUpdated& updated) {
  event::Event envelope;
  auto& payload = *envelope.mutable_customer_updated();
  *payload.mutable_customer() = FactsOf(updated.customer);
  payload.mutable_changed_fields()->Assign(updated.changed_fields.begin(), updated.changed_fields.end());
  return Encoded("CustomerUpdated", envelope);
}

outbox::EncodedEvent EncodeMoved(const CustomerLifecycleChanged& changed) {
  event::Event envelope;
  auto& payload = *envelope.mutable_customer_lifecycle_changed();
  *payload.mutable_customer() = FactsOf(changed.customer);
  if (changed.move.from) payload.set_from(std::string(Word(*changed.move.from)));
  payload.set_to(std::string(Word(changed.move.to)));
  payload.set_cause(std::string(Word(changed.move.cause)));
  payload.set_cause_id(OrEmpty(changed.move.cause_id));
  return Encoded("CustomerLifecycleChanged", envelope);
}

outbox::EncodedEvent EncodeContact(const ContactChanged& changed) {
  const Contact& contact = changed.contact;
  event::Event envelope;
  auto& payload = *envelope.mutable_contact_changed();
  payload.set_contact_id(contact.id.ToString());
  payload.set_customer_id(contact.customer_id.ToString());
  payload.set_name(contact.profile.name);
  payload.set_title(contact.profile.title);
  for (PurchaseRole role : contact.profile.roles) payload.add_roles(std::string(Word(role)));
  payload.set_owner_id(OrEmpty(contact.owner_id));
  payload.set_org_unit_id(OrEmpty(contact.org_unit_id));
  return Encoded("ContactChanged", envelope);
}

outbox::EncodedEvent EncodeInteraction(const InteractionLogged& logged) {
  const Interaction& interaction = logged.interaction;
  event::Event envelope;
  auto& payload = *envelope.mutable_interaction_logged();
  payload.set_interaction_id(interaction.id.ToString());
  if (interaction.subject_kind == SubjectKind::kLead)
    payload.set_lead_id(interaction.subject_id.ToString());
  else
    payload.set_customer_id(interaction.subject_id.ToString());
  payload.set_opportunity_id(OrEmpty(interaction.opportunity_id));
  payload.set_kind(std::string(Word(interaction.kind)));
  payload.set_subject(interaction.subject);
  payload.set_met_decision_maker(interaction.met_decision_maker);
  payload.set_outcome(interaction.outcome);
  if (interaction.cost) {
    payload.mutable_cost()->set_currency_code(interaction.cost->currency);
    payload.mutable_cost()->set_minor_units(interaction.cost->minor_units);
  }
  for (const Uuid& id : interaction.contact_ids) payload.add_contact_ids(id.ToString());
  for (const Uuid& id : interaction.employee_ids) payload.add_employee_ids(id.ToString());
  payload.set_owner_id(OrEmpty(interaction.owner_id));
  payload.set_org_unit_id(OrEmpty(interaction.org_unit_id));
  return Encoded("InteractionLogged", envelope);
}

}  // namespace

void BindCustomerCodecs(work::Codecs& codecs) {
  codecs.BindReply<Customer>([](const Customer& customer) { return ToProto(customer).SerializeAsString(); });
  codecs.BindReply<Contact>([](const Contact& contact) { return ToProto(contact).SerializeAsString(); });
  codecs.BindReply<Interaction>(
      [](const Interaction& logged) { return ToProto(logged).SerializeAsString(); });
  codecs.BindEvent<CustomerCreated>(EncodeCreated);
  codecs.BindEvent<CustomerUpdated>(EncodeUpdated);
  codecs.BindEvent<CustomerLifecycleChanged>(EncodeMoved);
  codecs.BindEvent<ContactChanged>(EncodeContact);
  codecs.BindEvent<InteractionLogged>(EncodeInteraction);
}

}  // namespace crm::customer
