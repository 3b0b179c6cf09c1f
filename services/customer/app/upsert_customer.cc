#include "services/customer/app/upsert_customer.h"

#include "absl/container/flat_hash_set.h"
#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/customer_changes.h"
#include "services/customer/app/unique_names.h"

namespace crm::customer {
namespace {

// Those of `holders` that are known by an external id, and the parents that the commands name.
std::vector<Uuid> Wanted(const CustomerStore::Holders& holders, std::vector<Uuid> parents) {
  for (const auto& [name, id] : holders)
    if (name.first == kExternalId) parents.push_back(id);
  return work::Distinct(std::move(parents));
}

}  // namespace

std::vector<work::Outcome> UpsertCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpsertCustomer>> requests) {
  return work.Run<UpsertCustomer>(requests, [](work::Batch<UpsertCustomer>& batch, db::Transaction& tx) {
    CustomerStore store(tx);
    const auto parents = work::Gather(batch, [](const auto& c) { return c.customer.profile.parent_id; });
    auto holders = store.FindHolders(
        work::GatherAll(batch, [](const auto& c) { return UniqueNames(c.customer.profile); }));
    auto customers = store.Load(Wanted(holders, parents));
    Hierarchy groups = store.LoadHierarchy(parents);
    NamedStaff staff(tx, work::Gather(batch, [](const auto& c) { return c.customer.owner_id; }),
                     work::Gather(batch, [](const auto& c) { return c.customer.org_unit_id; }));

    std::vector<LifecycleMove> moves;
    std::vector<const Customer*> renamed;
    absl::flat_hash_set<Uuid> created;
    for (auto& item : batch.items()) {
      const CustomerProfile& given = item->customer.profile;
      const bool has_parent =
          given.parent_id.nil() ||
          work::Find(item, customers, {"customer.parent_id", given.parent_id}, "customer:read");
      if (!OwnerIsKnown(item, staff, item->customer) || !has_parent) continue;

      const auto holder = holders.find({kExternalId, given.external_id});
      if (holder == holders.end()) {
        Customer& customer =
            customers.AddNew(NewCustomer(item->customer, *item.caller().principal, batch.now()));
        if (absl::Status taken = TakeNames(holders, given, customer.id); !taken.ok()) {
          item.Fail(taken);
          continue;
        }
        created.insert(customer.id);
        groups.SetParent(customer.id, given.parent_id);
        BringIntoBeing(item, customer, batch.now(), moves);
        item.Succeed(customer);
        continue;
      }

      Customer* customer =
          work::Find(item, customers, {"customer.external_id", holder->second}, "customer:update");
      if (customer == nullptr) continue;
      CustomerProfile revised = customer->profile;
      const std::vector<std::string> changed = Revise(revised, GivenIn(given));
      if (absl::Status fits = FitsGroup(groups, customer->id, given.parent_id); !fits.ok()) {
        item.Fail(fits);
        continue;
      }
      if (absl::Status taken = TakeNames(holders, revised, customer->id); !taken.ok()) {
        item.Fail(taken);
        continue;
      }
      if (UniqueNames(revised) != UniqueNames(customer->profile) && !created.contains(customer->id))
        renamed.push_back(customer);
      Change(item, *customer, std::move(revised), changed, groups, batch.now());
      item.Succeed(*customer);
    }
    batch.Guard(store.Save(customers, moves, work::Distinct(std::move(renamed))));
  });
}

}  // namespace crm::customer
