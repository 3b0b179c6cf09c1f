#include "services/customer/app/create_customer.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/customer_changes.h"
#include "services/customer/app/unique_names.h"

namespace crm::customer {

Customer NewCustomer(const CreateCustomer& command, const auth::Principal& caller, absl::Time now) {
  return {.id = Uuid::New(),
          .owner_id = command.owner_id.nil() ? caller.id : command.owner_id,
          .org_unit_id = command.org_unit_id.nil() ? caller.org_unit_id : command.org_unit_id,
          .profile = command.profile,
          .create_time = now,
          .update_time = now};
}

std::vector<work::Outcome> CreateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<CreateCustomer>> requests) {
  return work.Run<CreateCustomer>(requests, [](work::Batch<CreateCustomer>& batch, db::Transaction& tx) {
    CustomerStore store(tx);
    auto parents =
        store.Load(work::Gather(batch, [](const auto& command) { return command.profile.parent_id; }));
    auto holders = store.FindHolders(
        work::GatherAll(batch, [](const auto& command) { return UniqueNames(command.profile); }));
    NamedStaff staff(tx, work::Gather(batch, [](const auto& command) { return command.owner_id; }),
                     work::Gather(batch, [](const auto& command) { return command.org_unit_id; }));

    work::Tracked<Customer> created;
    std::vector<LifecycleMove> moves;
    for (auto& item : batch.items()) {
      const Uuid parent_id = item->profile.parent_id;
      const bool has_parent =
          parent_id.nil() || work::Find(item, parents, {"customer.parent_id", parent_id}, "customer:read");
      if (!OwnerIsKnown(item, staff, *item) || !has_parent) continue;

      Customer& customer = created.AddNew(NewCustomer(*item, *item.caller().principal, batch.now()));
      if (absl::Status taken = TakeNames(holders, customer.profile, customer.id); !taken.ok()) {
        item.Fail(taken);
        continue;
      }
      BringIntoBeing(item, customer, batch.now(), moves);
      item.Succeed(customer);
    }
    batch.Guard(store.Save(created, moves));
  });
}

}  // namespace crm::customer
