#include "services/customer/app/create_customer.h"

#include "services/customer/app/customer_changes.h"
#include "services/customer/app/find.h"
#include "services/customer/app/gather.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {
namespace {

Customer NewCustomer(const CreateCustomer& command, const auth::Principal& caller, absl::Time now) {
  return {.id = Uuid::New(),
          .owner_id = command.owner_id.nil() ? caller.id : command.owner_id,
          .org_unit_id = command.org_unit_id.nil() ? caller.org_unit_id : command.org_unit_id,
          .profile = command.profile,
          .create_time = now,
          .update_time = now};
}

}  // namespace

std::vector<work::Outcome> CreateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<CreateCustomer>> requests) {
  return work.Run<CreateCustomer>(requests, [](work::Batch<CreateCustomer>& batch, db::Transaction& tx) {
    CustomerStore store(tx);
    auto parents = store.Load(Gather(batch, [](const auto& command) { return command.profile.parent_id; }));
    auto holders = store.FindByExternalId(Gather(batch, [](const auto& c) { return c.profile.external_id; }));

    work::Tracked<Customer> created;
    std::vector<LifecycleMove> moves;
    for (auto& item : batch.items()) {
      const CustomerProfile& profile = item->profile;
      if (!profile.parent_id.nil() && !Find(item, parents, profile.parent_id, "customer:read")) continue;

      Customer customer = NewCustomer(*item, *item.caller().principal, batch.now());
      if (!profile.external_id.empty()) {
        const auto [holder, is_free] = holders.try_emplace(profile.external_id, customer.id);
        if (!is_free) {
          item.Fail(errors::AlreadyExists("customer", "external_id", profile.external_id, holder->second.ToString()));
          continue;
        }
      }
      Customer& added = created.AddNew(std::move(customer));
      BringIntoBeing(item, added, Uuid(), batch.now(), moves);
      item.Succeed(added);
    }
    batch.Guard(store.Save(created, moves));
  });
}

}  // namespace crm::customer
