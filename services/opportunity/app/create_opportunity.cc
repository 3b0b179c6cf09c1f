#include "services/opportunity/app/create_opportunity.h"

#include "common/telemetry/log.h"
#include "services/opportunity/app/name_products.h"
#include "services/opportunity/app/prepare.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"

namespace crm::opportunity {
namespace {

std::string ProcessKeyOf(const CreateOpportunity& command) {
  return command.process_key.empty() ? std::string(kStandardProcess) : command.process_key;
}

CreateOpportunity Owned(CreateOpportunity command, const auth::Principal& caller) {
  if (command.id.nil()) command.id = Uuid::New();
  if (command.owner_id.nil()) command.owner_id = caller.id;
  if (command.org_unit_id.nil()) command.org_unit_id = caller.org_unit_id;
  return command;
}

// What to do with a process key that there is not.
enum class UnknownProcess { kRefuse, kTakeStandard };

void Script(work::Batch<CreateOpportunity>& batch, db::Transaction& tx, UnknownProcess unknown) {
  OpportunityStore store(tx);
  auto existing = store.Load(Gather(batch, &CreateOpportunity::id));
  auto taken = store.FindByExternalId(Gather(batch, &CreateOpportunity::external_id));
  auto process_keys = Gather(batch, ProcessKeyOf);
  if (unknown == UnknownProcess::kTakeStandard) process_keys.emplace_back(kStandardProcess);
  const auto processes = ProcessStore(tx).LoadNewest(process_keys);
  auto products = LoadProductsOf(batch, tx);

  std::vector<StageMove> moves;
  for (auto& item : batch.items()) {
    if (const Opportunity* known = existing.Find(item->id)) {
      item.Succeed(*known);
      continue;
    }
    CreateOpportunity command = Owned(*item, *item.caller().principal);
    const bool products_are = NameProducts(item, products, command.details);
    auto process = processes.find(ProcessKeyOf(command));
    if (process == processes.end() && unknown == UnknownProcess::kTakeStandard) {
      LogWarn("opportunity ", command.id.ToString(), " of lead ", command.lead_id.value_or(Uuid()).ToString(),
              ": there is no sales process ", command.process_key, ", it starts on ",
              std::string(kStandardProcess));
      process = processes.find(std::string(kStandardProcess));
    }
    if (process == processes.end()) {
      item.Fail(errors::NotFound("sales_process", ProcessKeyOf(command), "process_key"));
      continue;
    }
    if (!products_are) continue;
    if (!command.external_id.empty()) {
      const auto [holder, is_free] = taken.try_emplace(command.external_id, command.id);
      if (!is_free) {
        item.Fail(errors::AlreadyExists("opportunity", "opportunity.external_id", command.external_id,
                                        holder->second.ToString()));
        continue;
      }
    }
    const OpportunityCreated created = Create(command, process->second, batch.now());
    Opportunity& o = existing.AddNew(created.opportunity);
    item.Emit(o, created);
    moves.push_back({.opportunity_id = o.id,
                     .sequence = o.version,
                     .from_stage = "",
                     .to_stage = o.stage,
                     .time = o.open_time,
                     .actor_id = item.caller().principal->id});
    item.Succeed(o);
  }
  batch.Guard(store.Save(existing, moves));
}

std::vector<work::Outcome> Open(work::UnitOfWork& work, const Peers& peers,
                                absl::Span<const work::Request<CreateOpportunity>> requests,
                                UnknownProcess unknown) {
  const auto only_exists = [](CreateOpportunity&, const std::string&) {};
  Prepare<CreateOpportunity> prepare(requests);
  // A converted lead brings the customer's name with it, and an owner whom the directory's own service has
  // chosen.
  prepare.Name(
      peers.employees, "employee", "opportunity.owner_id",
      [](const CreateOpportunity& c) { return c.customer_name.empty() ? c.owner_id : Uuid(); }, only_exists);
  prepare.Name(
      peers.org_units, "org_unit", "opportunity.org_unit_id",
      [](const CreateOpportunity& c) { return c.customer_name.empty() ? c.org_unit_id : Uuid(); },
      only_exists);
  prepare.Name(
      peers.customers, "customer", "opportunity.customer_id",
      [](const CreateOpportunity& c) { return c.customer_name.empty() ? c.customer_id : Uuid(); },
      [](CreateOpportunity& c, const std::string& name) { c.customer_name = name; });
  return work.Run<CreateOpportunity>(
      prepare.requests(), [unknown](auto& batch, db::Transaction& tx) { Script(batch, tx, unknown); });
}

}  // namespace

std::vector<work::Outcome> CreateOpportunities(work::UnitOfWork& work, const Peers& peers,
                                               absl::Span<const work::Request<CreateOpportunity>> requests) {
  return Open(work, peers, requests, UnknownProcess::kRefuse);
}

std::vector<work::Outcome> OpenConvertedLeads(work::UnitOfWork& work, const Peers& peers,
                                              absl::Span<const work::Request<CreateOpportunity>> requests) {
  return Open(work, peers, requests, UnknownProcess::kTakeStandard);
}

}  // namespace crm::opportunity
