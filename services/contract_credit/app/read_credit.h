#pragma once
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/contract_credit/domain/credit_account.h"

namespace crm::contract {

struct GetCreditAccount {
  Uuid customer_id;
  std::string currency;
};

// One statement for all. An account that nobody has opened is empty. Items fail with CREDIT_ACCOUNT_NOT_FOUND
// when out of the caller's sight.
std::vector<absl::StatusOr<CreditAccount>> GetCreditAccounts(
    db::Pool& pool, absl::Span<const work::Request<GetCreditAccount>> requests);

struct AskCredit {
  Uuid customer_id;
  Money amount;
};

struct CreditAnswer {
  CreditDecision decision;
  std::string currency;
};

// Whether accounts would carry amounts; reserves nothing. One statement for all. Items fail as above.
std::vector<absl::StatusOr<CreditAnswer>> AskForCredit(db::Pool& pool,
                                                       absl::Span<const work::Request<AskCredit>> requests);

}  // namespace crm::contract
