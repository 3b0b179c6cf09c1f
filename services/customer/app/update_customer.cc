#include "services/customer/app/update_customer.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/customer_changes.h"
#include "services/customer/app/unique_names.h"

namespace crm::customer {
namespace {

std::vector<UniqueName> NamesIn(const CustomerPatch& patch) {
  CustomerProfile named;
  Revise(named, patch);
  return UniqueNames(named);
}

}  // namespace

std::vector<work::Outcome> UpdateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpdateCustomer>> requests) {
  return work.Run<UpdateCustomer>(requests, [](work::Batch<UpdateCustomer>& batch, db::Transaction& tx) {
    CustomerStore store(tx);
    const auto new_parents =
        work::Gather(batch, [](const auto& c) { return c.patch.parent_id.value_or(Uuid()); });
    auto customers = store.Load(work::GatherAll(batch, [](const auto& c) {
      return std::vector<Uuid>{c.id, c.patch.parent_id.value_or(Uuid())};
    }));
    auto holders = store.FindHolders(work::GatherAll(batch, [](const auto& c) { return NamesIn(c.patch); }));
    Hierarchy groups = store.LoadHierarchy(new_parents);

    std::vector<const Customer*> renamed;
    for (auto& item : batch.items()) {
      Customer* customer =
          work::Find(item, customers, {"customer.id", item->id}, "customer:update", item->etag);
      if (customer == nullptr) continue;

      const Uuid parent_id = item->patch.parent_id.value_or(Uuid());
      if (!parent_id.nil() &&
          !work::Find(item, customers, {"customer.parent_id", parent_id}, "customer:read"))
        continue;
      if (absl::Status fits = FitsGroup(groups, customer->id, parent_id); !fits.ok()) {
        item.Fail(fits);
        continue;
      }

      CustomerProfile revised = customer->profile;
      const std::vector<std::string> changed = Revise(revised, item->patch);
      if (UniqueNames(revised) != UniqueNames(customer->profile)) {
        if (absl::Status taken = TakeNames(holders, revised, customer->id); !taken.ok()) {
          item.Fail(taken);
          continue;
        }
        renamed.push_back(customer);
      }
      Change(item, *customer, std::move(revised), changed, groups, batch.now());
      item.Succeed(*customer);
    }
    batch.Guard(store.Save(customers, {}, work::Distinct(std::move(renamed))));
  });
}

}  // namespace crm::customer
