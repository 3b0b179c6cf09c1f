#include "services/customer/app/contacts.h"

#include "common/work/gather.h"
#include "common/work/get.h"
#include "services/customer/storage/contact_store.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

std::vector<work::Outcome> CreateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateContact>> requests) {
  return work.Run<CreateContact>(requests, [](work::Batch<CreateContact>& batch, db::Transaction& tx) {
    auto customers = CustomerStore(tx).Load(work::Gather(batch, [](const auto& c) { return c.customer_id; }));
    work::Tracked<Contact> contacts;
    for (auto& item : batch.items()) {
      const Customer* customer =
          work::Find(item, customers, {"contact.customer_id", item->customer_id}, "contact:create");
      if (customer == nullptr) continue;
      Contact& contact = contacts.AddNew({.id = Uuid::New(),
                                          .customer_id = customer->id,
                                          .owner_id = customer->owner_id,
                                          .org_unit_id = customer->org_unit_id,
                                          .profile = item->profile,
                                          .create_time = batch.now(),
                                          .update_time = batch.now()});
      item.Emit(contact, ContactChanged{contact, {}});
      item.Succeed(contact);
    }
    batch.Guard(ContactStore(tx).Save(contacts));
  });
}

std::vector<work::Outcome> UpdateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<UpdateContact>> requests) {
  return work.Run<UpdateContact>(requests, [](work::Batch<UpdateContact>& batch, db::Transaction& tx) {
    ContactStore store(tx);
    auto contacts = store.Load(work::Gather(batch, [](const auto& c) { return c.id; }));
    for (auto& item : batch.items()) {
      Contact* contact = work::Find(item, contacts, {"contact.id", item->id}, "contact:update", item->etag);
      if (contact == nullptr) continue;
      const auto changed = Revise(contact->profile, item->patch);
      if (!changed.empty()) {
        contact->update_time = batch.now();
        item.Emit(*contact, ContactChanged{*contact, changed});
      }
      item.Succeed(*contact);
    }
    batch.Guard(store.Save(contacts));
  });
}

std::vector<absl::StatusOr<Contact>> GetContacts(db::Pool& pool,
                                                 absl::Span<const work::Request<GetContact>> requests) {
  return work::GetVisible<Contact>(pool, requests, "contact:read", [](db::Transaction& tx, const auto& ids) {
    return ContactStore(tx).Load(ids);
  });
}

absl::StatusOr<std::vector<Contact>> ContactsOf(db::Pool& pool, const work::Request<ListContacts>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<Contact>> {
    auto customers = CustomerStore(tx).Load({query.customer_id});
    if (!work::FindVisible(customers, query.customer_id, caller, "contact:read"))
      return errors::NotFound("customer", query.customer_id.ToString(), "customer_id");
    return ContactStore(tx).List(query.customer_id, query.after_name, query.after_id, query.limit);
  });
}

}  // namespace crm::customer
