#pragma once
#include "common/work/gather.h"
#include "common/work/tracked.h"
#include "services/contract_credit/app/instalment_jobs.h"
#include "services/contract_credit/domain/contract.h"
#include "services/contract_credit/domain/credit_account.h"

namespace crm::contract {

inline Uuid AccountIdOf(const Contract& c) { return CreditAccountId(c.customer_id, c.total.currency); }

inline std::vector<Uuid> AccountIdsOf(const work::Tracked<Contract>& contracts) {
  std::vector<Uuid> ids;
  for (const Contract* c : contracts.All()) ids.push_back(AccountIdOf(*c));
  return work::Distinct(std::move(ids));
}

// The account that carries `c`: the loaded one, or one that comes into being with its first event.
inline CreditAccount& AccountOf(const Contract& c, work::Tracked<CreditAccount>& accounts, absl::Time now) {
  CreditAccount* account = accounts.Find(AccountIdOf(c));
  if (account == nullptr)
    account = &accounts.AddNew(EmptyAccount(c.customer_id, c.total.currency, c.owner_id, c.org_unit_id, now));
  if (account->customer_name.empty()) account->customer_name = c.customer_name;
  return *account;
}

template <class Item, class Event>
void Record(Item& item, Contract& c, const Event& event) {
  Apply(c, event);
  item.Emit(c, event);
}
template <class Item, class Event>
void Record(Item& item, CreditAccount& account, const Event& event) {
  Apply(account, event);
  item.Emit(account, event);
}

// Brings `c` into force on credit that `reserved` has taken: confirms it, fixes the due dates and has them
// chased.
template <class Item>
void BringIntoForce(Item& item, Contract& c, CreditAccount& account, const CreditReserved& reserved,
                    absl::Time now) {
  if (reserved.amount_minor > 0) {
    Record(item, account, reserved);
    Record(item, account, Confirm(account, c.id, reserved.amount_minor));
  }
  Record(item, c, Activate(c, TodayOf(c, now), now));
  for (const Instalment& instalment : c.instalments) Chase(item, c, instalment);
  if (IsFulfilled(c)) Record(item, c, Complete(c, now));
}

}  // namespace crm::contract
