#include "services/contract_credit/app/with_customers.h"

#include <map>

#include "common/work/gather.h"
#include "services/contract_credit/storage/customer_reference_store.h"

namespace crm::contract {
namespace {

using Customers = absl::flat_hash_map<Uuid, CustomerReference>;
using Ids = absl::Span<const work::Request<Uuid>>;

std::vector<Uuid> Named(Ids ids) {
  std::vector<Uuid> named;
  for (const auto& id : ids) named.push_back(id.command);
  return work::Distinct(std::move(named));
}

absl::StatusOr<Customers> Ask(const AskCustomers& ask, const std::vector<work::Request<Uuid>>& of_one) {
  const auto told = ask(of_one.front().caller, Named(of_one));
  if (!told.ok()) return told.status();
  Customers customers;
  for (const CustomerReference& customer : *told) customers[customer.id] = customer;
  return customers;
}

std::optional<CustomerReference> Find(const Customers& customers, const Uuid& id) {
  const auto found = customers.find(id);
  return found == customers.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::vector<absl::StatusOr<std::optional<CustomerReference>>> WhoTheyAre(db::Pool& pool,
                                                                         const AskCustomers& ask, Ids ids) {
  std::vector<absl::StatusOr<std::optional<CustomerReference>>> answers;
  const std::vector<Uuid> named = Named(ids);
  Customers known;
  const absl::Status read = db::RunStatements(pool, work::LatestDeadline(ids), [&](db::Transaction& tx) {
    known = CustomerReferenceStore(tx).Load(named);
    return absl::OkStatus();
  });
  if (!read.ok()) {
    answers.assign(ids.size(), read);
    return answers;
  }

  std::map<const auth::Principal*, std::vector<work::Request<Uuid>>> unheard;
  for (const auto& id : ids)
    if (!id.command.nil() && !known.contains(id.command)) unheard[id.caller.principal.get()].push_back(id);
  std::map<const auth::Principal*, absl::StatusOr<Customers>> told;
  for (const auto& [principal, of_one] : unheard) told.emplace(principal, Ask(ask, of_one));

  for (const auto& id : ids) {
    if (id.command.nil() || known.contains(id.command))
      answers.push_back(Find(known, id.command));
    else if (const auto& asked = told.at(id.caller.principal.get()); asked.ok())
      answers.push_back(Find(*asked, id.command));
    else
      answers.push_back(asked.status());
  }
  return answers;
}

}  // namespace crm::contract
