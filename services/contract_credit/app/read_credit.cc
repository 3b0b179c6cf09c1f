#include "services/contract_credit/app/read_credit.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/storage/credit_account_store.h"

namespace crm::contract {
namespace {

// `key` answers customer and currency of a command, `answer` what to reply from its account.
template <class Result, class Command, class Key, class Answer>
std::vector<absl::StatusOr<Result>> ReadAccounts(db::Pool& pool,
                                                 absl::Span<const work::Request<Command>> requests, Key key,
                                                 Answer answer) {
  const auto id_of = [&](const work::Request<Command>& request) {
    const auto [customer_id, currency] = key(request.command);
    return CreditAccountId(customer_id, currency);
  };
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(id_of(request));
  ids = work::Distinct(std::move(ids));

  work::Tracked<CreditAccount> accounts;
  absl::Time now;
  const absl::Status read = db::RunStatements(pool, work::LatestDeadline(requests), [&](db::Transaction& tx) {
    now = tx.now();
    accounts = CreditAccountStore(tx).Load(ids);
    return absl::OkStatus();
  });

  std::vector<absl::StatusOr<Result>> answers;
  for (const auto& request : requests) {
    const CreditAccount* account = accounts.Find(id_of(request));
    const auto [customer_id, currency] = key(request.command);
    if (!read.ok())
      answers.push_back(read);
    else if (account == nullptr)
      answers.push_back(
          answer(EmptyAccount(customer_id, currency, Uuid(), Uuid(), now), request.command, now));
    else if (!work::Sees(request.caller, "credit_account:read", {account->owner_id, account->org_unit_id}))
      answers.push_back(
          errors::NotFound(CreditAccount::kAggregateType, account->id.ToString(), "customer_id"));
    else
      answers.push_back(answer(*account, request.command, now));
  }
  return answers;
}

}  // namespace

std::vector<absl::StatusOr<CreditAccount>> GetCreditAccounts(
    db::Pool& pool, absl::Span<const work::Request<GetCreditAccount>> requests) {
  return ReadAccounts<CreditAccount>(
      pool, requests,
      [](const GetCreditAccount& query) { return std::pair(query.customer_id, query.currency); },
      [](const CreditAccount& account, const GetCreditAccount&, absl::Time) { return account; });
}

std::vector<absl::StatusOr<CreditAnswer>> AskForCredit(db::Pool& pool,
                                                       absl::Span<const work::Request<AskCredit>> requests) {
  return ReadAccounts<CreditAnswer>(
      pool, requests,
      [](const AskCredit& query) { return std::pair(query.customer_id, query.amount.currency); },
      [](const CreditAccount& account, const AskCredit& query, absl::Time now) {
        return CreditAnswer{CheckCredit(account, query.amount.minor_units, now), query.amount.currency};
      });
}

}  // namespace crm::contract
