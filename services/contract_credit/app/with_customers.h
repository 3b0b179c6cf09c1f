#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/contract_credit/clients/ask_customers.h"

namespace crm::contract {

// Customers as their events have told; those not heard of yet are asked for, each with the token of who names
// them. One answer for each id: empty where there is no such customer, or none is named.
std::vector<absl::StatusOr<std::optional<CustomerReference>>> WhoTheyAre(
    db::Pool& pool, const AskCustomers& ask, absl::Span<const work::Request<Uuid>> ids);

// A set of commands before its transaction: `id_of` a command is the customer it names, `know(command,
// customer)` answers what to run, or why not.
template <class Command, class IdOf, class Know, class Run>
std::vector<work::Outcome> WithCustomers(db::Pool& pool, const AskCustomers& ask,
                                         absl::Span<const work::Request<Command>> requests, IdOf id_of,
                                         Know know, Run run) {
  using Known = std::invoke_result_t<Know, const Command&, const std::optional<CustomerReference>&>;
  std::vector<work::Request<Uuid>> ids;
  for (const auto& request : requests)
    ids.push_back({request.caller, std::invoke(id_of, request.command), {}});
  const auto customers = WhoTheyAre(pool, ask, ids);

  std::vector<work::Request<typename Known::value_type>> prepared;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto& [caller, command, once, refused] = requests[i];
    Known known = customers[i].ok() ? know(command, *customers[i]) : Known(customers[i].status());
    const absl::Status why_not = known.status();
    prepared.push_back({caller, std::move(known).value_or(typename Known::value_type()), once, why_not});
  }
  return run(absl::MakeConstSpan(prepared));
}

}  // namespace crm::contract
