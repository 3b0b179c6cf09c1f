#include "services/customer/app/lead_intake.h"

#include <algorithm>

namespace crm::customer {
namespace {

// The keys under which a lead is looked for, told apart by kind.
std::vector<std::string> LookUps(const MatchKeys& keys) {
  std::vector<std::string> look_ups;
  if (!keys.email.empty()) look_ups.push_back("e" + keys.email);
  if (!keys.phone.empty()) look_ups.push_back("p" + keys.phone);
  if (!keys.company.empty()) look_ups.push_back("n" + keys.company + "/" + keys.contact);
  return look_ups;
}

}  // namespace

void LeadIntake::Load(const std::vector<const LeadDraft*>& drafts) {
  MatchKeySet keys;
  std::vector<std::string> external_ids;
  for (const LeadDraft* draft : drafts) {
    keys.Add(MatchKeysOf(draft->details));
    if (!draft->details.external_id.empty()) external_ids.push_back(draft->details.external_id);
  }
  for (LeadStore::Known& known : store_.FindKnown(external_ids, keys)) {
    const Uuid id = known.lead.id;
    leads_.AddLoaded(std::move(known.lead));
    Remember(*leads_.Find(id), known.keys);
  }
}

Lead* LeadIntake::FindByExternalId(const std::string& external_id) const {
  if (external_id.empty()) return nullptr;
  const auto found = by_external_id_.find(external_id);
  return found == by_external_id_.end() ? nullptr : found->second;
}

LeadIntake::Likeness LeadIntake::FindAlike(const MatchKeys& keys) const {
  Likeness best;
  for (const std::string& look_up : LookUps(keys)) {
    const auto [begin, end] = by_key_.equal_range(look_up);
    for (auto it = begin; it != end; ++it) {
      const Seen& seen = seen_[it->second];
      if (!IsOpen(*seen.lead)) continue;
      best.same_fingerprint |= seen.keys == keys;
      const DuplicateVerdict verdict = Compare(keys, seen.keys);
      const bool older = best.lead != nullptr && verdict == best.verdict && seen.lead->id < best.lead->id;
      if (verdict > best.verdict || older) {
        best.verdict = verdict;
        best.lead = seen.lead;
      }
    }
  }
  return best;
}

Lead& LeadIntake::Add(const LeadDraft& draft, const MatchKeys& keys, const Likeness& likeness) {
  Lead lead;
  lead.id = Uuid::New();
  lead.org_unit_id = draft.org_unit_id;
  lead.import_id = draft.import_id;
  lead.details = draft.details;
  lead.history = draft.history;
  if (!likeness.same_fingerprint) lead.fingerprint = FingerprintOf(keys);
  if (likeness.lead != nullptr) lead.possible_duplicate_of = likeness.lead->id;
  lead.occurred_time = std::min(draft.occurred, now_);
  lead.create_time = lead.update_time = now_;
  Lead& added = leads_.AddNew(std::move(lead));
  Remember(added, keys);
  return added;
}

void LeadIntake::Remember(Lead& lead, const MatchKeys& keys) {
  if (!lead.details.external_id.empty()) by_external_id_[lead.details.external_id] = &lead;
  for (std::string& look_up : LookUps(keys)) by_key_.emplace(std::move(look_up), seen_.size());
  seen_.push_back({&lead, keys});
}

}  // namespace crm::customer
