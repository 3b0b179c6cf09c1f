#include "services/contract_credit/app/set_credit_limit.h"

#include <map>

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/credit_account_store.h"
#include "services/contract_credit/storage/customer_reference_store.h"

namespace crm::contract {
namespace {

using Requests = absl::Span<const work::Request<SetCreditLimit>>;
using Customers = absl::flat_hash_map<Uuid, CustomerReference>;

struct Opening {
  SetCreditLimit command;
  CustomerReference customer;
};

// Customers as their events have told; those not heard of yet are asked for, each with the token of who names
// them. One answer per request.
std::vector<absl::StatusOr<CustomerReference>> WhoTheyAre(db::Pool& pool, const AskCustomers& ask,
                                                          Requests requests) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.customer_id);
  Customers known;
  const absl::Status read = db::RunReads(pool, work::LatestDeadline(requests), [&](db::Transaction& tx) {
    known = CustomerReferenceStore(tx).Load(work::Distinct(std::move(ids)));
    return absl::OkStatus();
  });

  std::map<const auth::Principal*, std::vector<const work::Request<SetCreditLimit>*>> unheard;
  for (const auto& request : requests)
    if (read.ok() && !known.contains(request.command.customer_id))
      unheard[request.caller.principal.get()].push_back(&request);
  std::map<const auth::Principal*, absl::StatusOr<Customers>> told;
  for (const auto& [principal, of_one] : unheard) {
    std::vector<Uuid> wanted;
    for (const auto* request : of_one) wanted.push_back(request->command.customer_id);
    const auto answer = ask(of_one.front()->caller, work::Distinct(std::move(wanted)));
    if (!answer.ok()) {
      told[principal] = answer.status();
      continue;
    }
    Customers& customers = told[principal].emplace();
    for (const CustomerReference& customer : *answer) customers[customer.id] = customer;
  }

  std::vector<absl::StatusOr<CustomerReference>> answers;
  for (const auto& request : requests) {
    const Uuid& id = request.command.customer_id;
    const auto asked = told.find(request.caller.principal.get());
    if (!read.ok())
      answers.push_back(read);
    else if (const auto found = known.find(id); found != known.end())
      answers.push_back(found->second);
    else if (!asked->second.ok())
      answers.push_back(asked->second.status());
    else if (const auto found = asked->second->find(id); found != asked->second->end())
      answers.push_back(found->second);
    else
      answers.push_back(errors::NotFound("customer", id.ToString()));
  }
  return answers;
}

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
      CreditAccount* account =
          work::Find(item, accounts, account_id(*item), "credit_account:update", command.etag);
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
                                           Requests requests) {
  const auto customers = WhoTheyAre(pool, ask, requests);
  std::vector<work::Outcome> outcomes(requests.size(), std::string());
  std::vector<work::Request<Opening>> sound;
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!customers[i].ok()) {
      outcomes[i] = customers[i].status();
      continue;
    }
    sound.push_back({requests[i].caller, {requests[i].command, *customers[i]}, requests[i].once});
    index.push_back(i);
  }
  if (sound.empty()) return outcomes;
  std::vector<work::Outcome> answers = Set(work, sound);
  for (std::size_t i = 0; i < index.size(); ++i) outcomes[index[i]] = std::move(answers[i]);
  return outcomes;
}

}  // namespace crm::contract
