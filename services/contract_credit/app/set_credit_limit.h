#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/clients/ask_customers.h"
#include "services/contract_credit/domain/credit_account.h"

namespace crm::contract {

struct SetCreditLimit {
  Uuid customer_id;
  Money limit;  // its currency names the account
  std::optional<absl::Time> expire_time;
  std::optional<std::int64_t> etag;  // 0 = nobody has opened the account
};

// Sets how much customers may owe, and opens accounts where there are none. Replies with the CreditAccount.
// Items fail with CUSTOMER_NOT_FOUND, PEER_UNAVAILABLE (a customer that is not known here yet, and nobody to
// ask), CREDIT_ACCOUNT_NOT_FOUND (out of sight), STALE_ETAG, and as SetLimit does.
std::vector<work::Outcome> SetCreditLimits(work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask,
                                           absl::Span<const work::Request<SetCreditLimit>> requests);

}  // namespace crm::contract
