#include "services/analytics/app/apply_events.h"

#include "common/outbox/outbox.h"
#include "services/analytics/storage/lead_fact_store.h"
#include "services/analytics/storage/opportunity_fact_store.h"
#include "services/analytics/storage/receivable_store.h"
#include "services/analytics/storage/rollup_store.h"

namespace crm::analytics {
namespace {

// What a set of events is about.
struct Subjects {
  std::vector<Uuid> opportunities, leads, contracts;

  void operator()(std::monostate) {}
  void operator()(const ProcessSeen&) {}
  void operator()(const OpportunitySeen& event) {
    opportunities.push_back(event.id);
    if (event.lead_id) leads.push_back(*event.lead_id);
  }
  void operator()(const LeadSeen& event) { leads.push_back(event.id); }
  void operator()(const ContractSeen& event) { contracts.push_back(event.id); }
  void operator()(const PaymentSeen& event) {
    for (const PaymentSeen::Part& part : event.parts) contracts.push_back(part.contract_id);
  }
};

// Facts in memory, and what the events change in the rollups.
struct Projection {
  const absl::TimeZone& zone;
  work::Tracked<OpportunityFact> opportunities;
  work::Tracked<LeadFact> leads;
  work::Tracked<Receivable> receivables;
  std::map<std::pair<Uuid, int>, Stage> stages{};
  Deltas deltas{};

  void operator()(std::monostate) {}
  void operator()(const ProcessSeen& event) {
    for (const Stage& stage : event.stages) stages.emplace(std::pair(stage.process_id, stage.order), stage);
  }
  void operator()(const OpportunitySeen& event) {
    OpportunityFact& fact = FindOrAdd(opportunities, event.id);
    const std::optional<Uuid> lead_before = fact.won() ? fact.lead_id : std::nullopt;
    Apply(fact, event, outbox::ShardOf(event.id), zone, deltas);
    const std::optional<Uuid> lead_after = fact.won() ? fact.lead_id : std::nullopt;
    if (lead_before != lead_after) {
      if (lead_before) CountWin(*lead_before, -1);
      if (lead_after) CountWin(*lead_after, 1);
    }
    stages.emplace(std::pair(event.stage.process_id, event.stage.order), event.stage);
  }
  void operator()(const LeadSeen& event) {
    Apply(FindOrAdd(leads, event.id), event, outbox::ShardOf(event.id), zone, deltas);
  }
  void operator()(const ContractSeen& event) {
    Apply(FindOrAdd(receivables, event.id), event, outbox::ShardOf(event.id), zone, deltas);
  }
  void operator()(const PaymentSeen& event) {
    for (const PaymentSeen::Part& part : event.parts)
      Apply(FindOrAdd(receivables, part.contract_id), part.instalment_id, part.amount_minor, event.day,
            outbox::ShardOf(part.contract_id), deltas);
  }

  void CountWin(const Uuid& lead_id, int change) {
    Apply(FindOrAdd(leads, lead_id), LeadWins{.lead_id = lead_id, .change = change}, outbox::ShardOf(lead_id),
          deltas);
  }
  template <class Fact>
  static Fact& FindOrAdd(work::Tracked<Fact>& facts, const Uuid& id) {
    if (Fact* found = facts.Find(id)) return *found;
    Fact fact;
    fact.id = id;
    return facts.AddNew(std::move(fact));
  }
};

}  // namespace

std::vector<work::Outcome> ApplyEvents(work::UnitOfWork& work,
                                       absl::Span<const work::Request<Recorded>> requests,
                                       const absl::TimeZone& zone) {
  return work.Run<Recorded>(requests, [&zone](work::Batch<Recorded>& batch, db::Transaction& tx) {
    Subjects subjects;
    for (auto& item : batch.items()) std::visit(subjects, *item);

    OpportunityFactStore opportunities(tx);
    LeadFactStore leads(tx);
    ReceivableStore receivables(tx);
    // A win may name a lead that its opportunity named before and no longer does; both are loaded.
    auto loaded = opportunities.Load(subjects.opportunities);
    for (const Uuid& id : subjects.opportunities)
      if (const OpportunityFact* fact = loaded.Find(id); fact != nullptr && fact->lead_id)
        subjects.leads.push_back(*fact->lead_id);
    Projection projection{.zone = zone,
                          .opportunities = std::move(loaded),
                          .leads = leads.Load(subjects.leads),
                          .receivables = receivables.Load(subjects.contracts)};
    for (auto& item : batch.items()) std::visit(projection, *item);

    batch.Guard(opportunities.Save(projection.opportunities) && leads.Save(projection.leads) &&
                receivables.Save(projection.receivables));
    if (!batch.held()) return;
    std::vector<Stage> stages;
    for (auto& [key, stage] : projection.stages) stages.push_back(std::move(stage));
    opportunities.AddStages(stages);
    AddToRollups(tx, projection.deltas);
  });
}

}  // namespace crm::analytics
