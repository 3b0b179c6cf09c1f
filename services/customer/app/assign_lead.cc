#include "services/customer/app/assign_lead.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/assigner.h"
#include "services/customer/storage/lead_finder.h"

namespace crm::customer {
namespace {

constexpr int kRetrySet = 256;
constexpr absl::Duration kNextRound = absl::Seconds(1);  // tried again after so long, while one is under way

// A position as text: microseconds and id.
std::string Encode(const LeadFinder::WaitingPosition& position) {
  return absl::StrCat(absl::ToUnixMicros(position.since), "/", position.id.ToString());
}

LeadFinder::WaitingPosition DecodePosition(const std::string& text) {
  LeadFinder::WaitingPosition position;
  const std::size_t slash = text.find('/');
  std::int64_t micros;
  if (slash == std::string::npos || !absl::SimpleAtoi(text.substr(0, slash), &micros)) return position;
  position.since = absl::FromUnixMicros(micros);
  position.id = Uuid::Parse(text.substr(slash + 1)).value_or(Uuid());
  return position;
}

// Unjudged leads that somebody has are his; judged ones go where the rules for the judgement say.
bool WantsDecision(const Lead& lead) {
  if (!IsOpen(lead) || lead.history) return false;
  return lead.owner_id.nil() || lead.verdict != LeadVerdict::kUnjudged;
}

}  // namespace

std::vector<work::Outcome> AssignLeads(work::UnitOfWork& work,
                                       absl::Span<const work::Request<AssignLead>> requests) {
  return work.Run<AssignLead>(requests, [](work::Batch<AssignLead>& batch, db::Transaction& tx) {
    const auto ids = work::Gather(batch, [](const AssignLead& command) { return command.lead_id; });
    auto leads = LeadStore(tx).Load(ids);
    Assigner assigner(tx, leads);
    for (auto& item : batch.items()) {
      Lead* lead = leads.Find(item->lead_id);
      if (lead == nullptr || !WantsDecision(*lead)) continue;
      assigner.Decide(item, *lead);
      if (lead->waiting_since) item.Schedule(RetryNextMinuteJob(batch.now()));
    }
    batch.Guard(assigner.Save());
  });
}

std::vector<work::Outcome> RetryWaiting(work::UnitOfWork& work,
                                        absl::Span<const work::Request<RetryWaitingLeads>> requests) {
  return work.Run<RetryWaitingLeads>(
      requests, [](work::Batch<RetryWaitingLeads>& batch, db::Transaction& tx) {
        // All of a set are one step: of the round that is under way, or of a new one.
        auto items = batch.items();
        const auto begins = [](const auto& item) { return item->after.empty(); };
        const auto rest = std::find_if_not(items.begin(), items.end(), begins);
        auto& item = rest == items.end() ? items.front() : *rest;
        LeadFinder finder(tx);
        // A round that is under way comes to its end before the next begins: else the last never had a turn.
        if (std::any_of(items.begin(), items.end(), begins) && finder.IsUnderWay(kRetryRestKey)) {
          item.Schedule(RetryWaitingJob(batch.now() + kNextRound));
          if (begins(item)) return;
        }
        const auto waiting = finder.LongestWaiting(DecodePosition(item->after), kRetrySet);
        std::vector<Uuid> ids;
        for (const auto& position : waiting) ids.push_back(position.id);
        auto leads = LeadStore(tx).Load(ids);
        Assigner assigner(tx, leads);
        bool somebody_waits = false;
        for (const Uuid& id : ids) {
          Lead* lead = leads.Find(id);
          if (lead == nullptr || !lead->waiting_since) continue;
          assigner.Decide(item, *lead);
          somebody_waits |= lead->waiting_since.has_value();
        }
        if (waiting.size() == kRetrySet) item.Schedule(RetryRestJob(Encode(waiting.back()), batch.now()));
        if (somebody_waits) item.Schedule(RetryNextMinuteJob(batch.now()));
        batch.Guard(assigner.Save());
      });
}

std::vector<work::Outcome> AssignLeadsTo(work::UnitOfWork& work,
                                         absl::Span<const work::Request<AssignLeadTo>> requests) {
  return work.Run<AssignLeadTo>(requests, [](work::Batch<AssignLeadTo>& batch, db::Transaction& tx) {
    auto leads = LeadStore(tx).Load(work::Gather(batch, [](const auto& command) { return command.id; }));
    Assigner assigner(tx, leads,
                      work::Gather(batch, [](const auto& command) { return command.employee_id; }));
    for (auto& item : batch.items()) {
      Lead* lead = work::Find(item, leads, item->id, "lead:assign", item->etag);
      if (lead == nullptr) continue;
      if (absl::Status status = assigner.DecideFor(item, *lead, item->employee_id, item->reason);
          !status.ok()) {
        item.Fail(std::move(status));
        continue;
      }
      item.CancelJob(AssignLeadJobKey(lead->id));
      item.Succeed(*lead);
    }
    batch.Guard(assigner.Save());
  });
}

}  // namespace crm::customer
