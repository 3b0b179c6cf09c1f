#include "services/contract_credit/app/set_credit_limit.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/app/with_customers.h"
#include "services/contract_credit/storage/credit_account_store.h"

namespace crm::contract {
namespace {

struct Opening {
  SetCreditLimit command;
  CustomerReference customer;
};

CreditAccount Opened(const Opening& opening, absl::Time now) {
  const CustomerReference& customer = opening.customer;
  CreditAccount account =
      EmptyAccount(customer.id, opening.command.limit.currency, customer.owner_id, customer.org_unit_id, now);
  account.customer_name = customer.name;
  return account;
}

std::vector<work::Outcome> Set(work::UnitOfWork& work, absl::Span<const work::Request<Opening>> requests) {
  return work.Run<Opening>(requests, [](work::Batch<Opening>& batch, db::Transaction& tx) {
    const auto account_id = [](const Opening& opening) {
      return CreditAccountId(opening.command.customer_id, opening.command.limit.currency);
    };
    CreditAccountStore store(tx);
    auto accounts = store.Load(work::Gather(batch, account_id));

    for (auto& item : batch.items()) {
      const SetCreditLimit& command = item->command;
      if (accounts.Find(account_id(*item)) == nullptr) accounts.AddNew(Opened(*item, batch.now()));
      CreditAccount* account = work::Find(item, accounts, {"customer_id", account_id(*item)},
                                          "credit_account:update", command.etag);
      if (account == nullptr) continue;
      const auto changed = SetLimit(*account, command.limit.minor_units, command.expire_time, batch.now());
      if (!changed.ok()) {
        item.Fail(changed.status());
        continue;
      }
      Record(item, *account, *changed);
      item.Succeed(*account);
    }
    batch.Guard(store.Save(accounts));
  });
}

}  // namespace

std::vector<work::Outcome> SetCreditLimits(work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask,
                                           absl::Span<const work::Request<SetCreditLimit>> requests) {
  return WithCustomers(
      pool, ask, requests, &SetCreditLimit::customer_id,
      [](const SetCreditLimit& command,
         const std::optional<CustomerReference>& customer) -> absl::StatusOr<Opening> {
        if (!customer) return errors::NotFound("customer", command.customer_id.ToString(), "customer_id");
        return Opening{command, *customer};
      },
      [&work](auto sound) { return Set(work, sound); });
}

}  // namespace crm::contract
