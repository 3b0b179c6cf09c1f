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
// customer)` answers what to run, or why not. Runs those, and answers all in their order.
template <class Command, class IdOf, class Know, class Run>
std::vector<work::Outcome> WithCustomers(db::Pool& pool, const AskCustomers& ask,
                                         absl::Span<const work::Request<Command>> requests, IdOf id_of,
                                         Know know, Run run) {
  using Known = std::invoke_result_t<Know, const Command&, const std::optional<CustomerReference>&>;
  std::vector<work::Request<Uuid>> ids;
  for (const auto& request : requests)
    ids.push_back({request.caller, std::invoke(id_of, request.command), {}});
  const auto customers = WhoTheyAre(pool, ask, ids);

  std::vector<work::Outcome> outcomes(requests.size(), std::string());
  std::vector<work::Request<typename Known::value_type>> ready;
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Known known = customers[i].ok() ? know(requests[i].command, *customers[i]) : Known(customers[i].status());
    if (!known.ok()) {
      outcomes[i] = known.status();
      continue;
    }
    ready.push_back({requests[i].caller, *std::move(known), requests[i].once});
    index.push_back(i);
  }
  if (ready.empty()) return outcomes;
  std::vector<work::Outcome> answers = run(absl::MakeConstSpan(ready));
  for (std::size_t i = 0; i < index.size(); ++i) outcomes[index[i]] = std::move(answers[i]);
  return outcomes;
}

}  // namespace crm::contract
