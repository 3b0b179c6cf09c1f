#include "services/customer/app/convert_lead.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/customer_changes.h"
#include "services/customer/app/freed_places.h"
#include "services/customer/storage/contact_store.h"
#include "services/customer/storage/customer_store.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {
namespace {

std::string FirstGiven(std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (!name.empty()) return std::string(name);
  return "";
}

Grade GradeOf(const Lead& lead) { return FromWord<Grade>(lead.grade).value_or(Grade::kUngraded); }

// Who looks after what the lead becomes: the lead's owner, or the caller where nobody has it.
template <class Item>
Uuid HeirOf(const Item& item, const Lead& lead) {
  return lead.owner_id.nil() ? item.caller().principal->id : lead.owner_id;
}

template <class Item>
Customer CustomerOf(const Item& item, const Lead& lead, absl::Time now) {
  const LeadDetails& details = lead.details;
  Customer customer;
  customer.id = Uuid::New();
  customer.owner_id = HeirOf(item, lead);
  customer.org_unit_id = lead.org_unit_id;
  customer.lead_id = lead.id;
  customer.create_time = customer.update_time = now;

  CustomerProfile& profile = customer.profile;
  const bool names_company = !item->customer_name.empty() || !details.company.empty();
  profile.kind =
      names_company || details.contact.empty() ? CustomerKind::kOrganisation : CustomerKind::kPerson;
  profile.name = FirstGiven({item->customer_name, DisplayName(details)});
  profile.industry = details.industry;
  profile.region = details.region;
  profile.size = details.size;
  profile.source = details.source;
  profile.grade = GradeOf(lead);
  profile.attributes = details.attributes;
  return customer;
}

bool NamesContact(const LeadDetails& details) {
  return !details.contact.empty() || !details.phone.empty() || !details.email.empty();
}

// A phone or an e-mail without a name is the company's.
Contact ContactOf(const Lead& lead, const Customer& customer, absl::Time now) {
  Contact contact;
  contact.id = Uuid::New();
  contact.customer_id = customer.id;
  contact.owner_id = customer.owner_id;
  contact.org_unit_id = customer.org_unit_id;
  contact.profile.name = FirstGiven({lead.details.contact, lead.details.company, customer.profile.name});
  if (!lead.details.phone.empty()) contact.profile.phones = {lead.details.phone};
  if (!lead.details.email.empty()) contact.profile.emails = {lead.details.email};
  contact.create_time = contact.update_time = now;
  return contact;
}

template <class Item>
Conversion ConversionOf(const Item& item, const Lead& lead, const Customer& customer) {
  Conversion conversion;
  conversion.customer_id = customer.id;
  conversion.customer_name = customer.profile.name;
  conversion.customer_existed = !item->customer_id.nil();
  conversion.opportunity_id = Uuid::New();
  conversion.opportunity_name = FirstGiven({item->opportunity_name, customer.profile.name});
  if (item->amount) {
    conversion.currency = item->amount->currency;
    conversion.amount_minor = item->amount->minor_units;
  }
  conversion.expected_close_date = item->expected_close_date;
  conversion.grade = lead.grade;
  conversion.process_key = item->process_key;
  conversion.owner_id = HeirOf(item, lead);
  conversion.org_unit_id = lead.org_unit_id;
  return conversion;
}

}  // namespace

std::vector<work::Outcome> ConvertLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<ConvertLead>> requests) {
  return work.Run<ConvertLead>(requests, [](work::Batch<ConvertLead>& batch, db::Transaction& tx) {
    LeadStore lead_store(tx);
    CustomerStore customer_store(tx);
    auto leads = lead_store.Load(work::Gather(batch, [](const auto& command) { return command.id; }));
    auto customers =
        customer_store.Load(work::Gather(batch, [](const auto& command) { return command.customer_id; }));

    work::Tracked<Contact> contacts;
    std::vector<LifecycleMove> moves;
    FreedPlaces freed;
    for (auto& item : batch.items()) {
      Lead* lead = work::Find(item, leads, item->id, "lead:convert", item->etag);
      if (lead == nullptr) continue;
      const bool links = !item->customer_id.nil();
      if (links && !work::Find(item, customers, {"customer_id", item->customer_id}, "customer:read"))
        continue;
      if (absl::Status may = Convert(*lead, {}).status(); !may.ok()) {
        item.Fail(may);
        continue;
      }

      Customer& customer =
          links ? *customers.Find(item->customer_id) : customers.AddNew(CustomerOf(item, *lead, batch.now()));
      if (!links) BringIntoBeing(item, customer, batch.now(), moves);
      MoveBecause(item, customer, LifecycleCause::kQualified, lead->id, batch.now(), moves);

      Conversion conversion = ConversionOf(item, *lead, customer);
      if (NamesContact(lead->details)) {
        Contact& contact = contacts.AddNew(ContactOf(*lead, customer, batch.now()));
        item.Emit(contact, ContactChanged{contact, {}});
        conversion.contact_id = contact.id;
      }

      const LeadConverted converted{conversion};
      lead->update_time = batch.now();
      Apply(*lead, converted);
      item.Emit(*lead, LeadFact<LeadConverted>{*lead, converted});
      CancelFollowUp(item, *lead);
      freed.Add(item, lead->id, lead->owner_id);
      item.Succeed(LeadConversion{*lead, conversion});
    }
    if (!customer_store.Save(customers, moves) || !ContactStore(tx).Save(contacts) || !lead_store.Save(leads))
      return batch.Guard(false);
    freed.Save(tx);
  });
}

}  // namespace crm::customer
