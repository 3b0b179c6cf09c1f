#pragma once
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/storage/customer_finder.h"

namespace crm::customer {

struct ListCustomers {
  CustomerFilter filter;
  Uuid before;  // the last of the page before; nil: from the newest
  int limit = 0;
};

// Newest first; only what the caller sees.
absl::StatusOr<std::vector<Customer>> CustomersLike(db::Pool& pool,
                                                    const work::Request<ListCustomers>& request);

struct BatchGetCustomers {
  std::vector<Uuid> ids;
  std::vector<std::string> external_ids;
  std::vector<std::string> names{};
};

// In no order, each once; what is unknown or out of sight is left out.
absl::StatusOr<std::vector<Customer>> CustomersNamed(db::Pool& pool,
                                                     const work::Request<BatchGetCustomers>& request);

struct SearchCustomers {
  std::string query;
  FoundPosition after;  // of the last of the page before
  int limit = 0;
};

// The best match first. Every word of the query is found as a part of any word, 中文 included; a lone Latin
// letter is too short: INVALID_ARGUMENT when there is nothing longer.
absl::StatusOr<std::vector<FoundCustomer>> FindCustomers(db::Pool& pool,
                                                         const work::Request<SearchCustomers>& request);

}  // namespace crm::customer
