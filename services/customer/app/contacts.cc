#include "services/customer/app/contacts.h"

#include "services/customer/app/find.h"
#include "services/customer/app/gather.h"
#include "services/customer/storage/contact_store.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {
namespace {

// OK when the customer is there and the caller sees it.
absl::Status CustomerIsVisible(db::Transaction& tx, const work::Caller& caller, const Uuid& id) {
  auto customers = CustomerStore(tx).Load({id});
  const Customer* customer = customers.Find(id);
  if (customer == nullptr || !Sees(caller, "contact:read", {customer->owner_id, customer->org_unit_id}))
    return errors::NotFound("customer", id.ToString());
  return absl::OkStatus();
}

}  // namespace

std::vector<work::Outcome> AddContacts(work::UnitOfWork& work, absl::Span<const work::Request<AddContact>> requests) {
  return work.Run<AddContact>(requests, [](work::Batch<AddContact>& batch, db::Transaction& tx) {
    auto customers = CustomerStore(tx).Load(Gather(batch, [](const auto& c) { return c.customer_id; }));
    ContactStore store(tx);
    work::Tracked<Contact> contacts;
    for (auto& item : batch.items()) {
      if (!Find(item, customers, item->customer_id, "contact:create")) continue;
      Contact& contact = contacts.AddNew({.id = Uuid::New(),
                                          .customer_id = item->customer_id,
                                          .profile = item->profile,
                                          .create_time = batch.now(),
                                          .update_time = batch.now()});
      item.Emit(contact, ContactChanged{contact, {}});
      item.Succeed(contact);
    }
    batch.Guard(store.Save(contacts));
  });
}

std::vector<work::Outcome> UpdateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<UpdateContact>> requests) {
  return work.Run<UpdateContact>(requests, [](work::Batch<UpdateContact>& batch, db::Transaction& tx) {
    const auto customer_ids = Gather(batch, [](const auto& c) { return c.customer_id; });
    auto customers = CustomerStore(tx).Load(customer_ids);
    ContactStore store(tx);
    auto contacts = store.Load(customer_ids, Gather(batch, [](const auto& c) { return c.id; }));
    for (auto& item : batch.items()) {
      if (!Find(item, customers, item->customer_id, "contact:update")) continue;
      Contact* contact = contacts.Find(item->id);
      if (contact == nullptr || contact->customer_id != item->customer_id) {
        item.Fail(errors::NotFound("contact", item->id.ToString()));
        continue;
      }
      if (!EtagMatches(item, *contact, item->etag)) continue;
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

absl::StatusOr<std::vector<Contact>> ContactsOf(db::Pool& pool, const work::Request<ListContacts>& request) {
  const auto& [caller, query, once] = request;
  std::vector<Contact> contacts;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    if (absl::Status visible = CustomerIsVisible(tx, caller, query.customer_id); !visible.ok()) return visible;
    contacts = ContactStore(tx).List(query.customer_id, query.after, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return contacts;
}

absl::StatusOr<Contact> ContactBy(db::Pool& pool, const work::Request<GetContact>& request) {
  const auto& [caller, query, once] = request;
  work::Tracked<Contact> contacts;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    if (absl::Status visible = CustomerIsVisible(tx, caller, query.customer_id); !visible.ok()) return visible;
    contacts = ContactStore(tx).Load({query.customer_id}, {query.id});
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  const Contact* contact = contacts.Find(query.id);
  if (contact == nullptr) return errors::NotFound("contact", query.id.ToString());
  return *contact;
}

}  // namespace crm::customer
