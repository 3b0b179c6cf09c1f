#include "services/customer/app/update_customer.h"

#include "services/customer/app/find.h"
#include "services/customer/app/gather.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {
namespace {

absl::Status ParentLoop(const Uuid& id, const Uuid& parent_id) {
  return errors::FailedPrecondition("PARENT_LOOP", "a customer cannot belong to itself or to one of its own members",
                                    {{"customer", id.ToString()}, {"parent_id", parent_id.ToString()}});
}

}  // namespace

std::vector<work::Outcome> UpdateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpdateCustomer>> requests) {
  return work.Run<UpdateCustomer>(requests, [](work::Batch<UpdateCustomer>& batch, db::Transaction& tx) {
    CustomerStore store(tx);
    const auto new_parents = Gather(batch, [](const auto& c) { return c.patch.parent_id.value_or(Uuid()); });
    auto ids = Gather(batch, [](const auto& c) { return c.id; });
    ids.insert(ids.end(), new_parents.begin(), new_parents.end());
    auto customers = store.Load(Distinct(std::move(ids)));
    auto holders =
        store.FindByExternalId(Gather(batch, [](const auto& c) { return c.patch.external_id.value_or(""); }));
    Hierarchy groups = store.LoadHierarchy(new_parents);

    for (auto& item : batch.items()) {
      Customer* customer = Find(item, customers, item->id, "customer:update");
      if (customer == nullptr || !EtagMatches(item, *customer, item->etag)) continue;

      const CustomerPatch& patch = item->patch;
      if (patch.parent_id && !patch.parent_id->nil()) {
        if (!Find(item, customers, *patch.parent_id, "customer:read")) continue;
        if (groups.WouldLoop(customer->id, *patch.parent_id)) {
          item.Fail(ParentLoop(customer->id, *patch.parent_id));
          continue;
        }
      }
      if (patch.external_id && !patch.external_id->empty()) {
        const auto [holder, is_free] = holders.try_emplace(*patch.external_id, customer->id);
        if (!is_free && holder->second != customer->id) {
          item.Fail(errors::AlreadyExists("customer", "external_id", *patch.external_id, holder->second.ToString()));
          continue;
        }
      }
      const auto changed = Revise(customer->profile, patch);
      if (!changed.empty()) {
        groups.SetParent(customer->id, customer->profile.parent_id);
        customer->update_time = batch.now();
        item.Emit(*customer, CustomerUpdated{*customer, changed});
      }
      item.Succeed(*customer);
    }
    batch.Guard(store.Save(customers));
  });
}

}  // namespace crm::customer
