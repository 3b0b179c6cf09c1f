#include "services/customer/app/lead_intake.h"

#include <algorithm>

#include "common/work/gather.h"

namespace crm::customer {
namespace {

bool IsFull(const std::vector<Lead*>& alike) { return alike.size() >= LeadStore::kMostAlike; }

// The keys under which a lead is looked for, told apart by kind.
std::vector<std::string> LookUps(const MatchKeys& keys) {
  std::vector<std::string> look_ups;
  if (!keys.email.empty()) look_ups.push_back("e" + keys.email);
  if (!keys.phone.empty()) look_ups.push_back("p" + keys.phone);
  if (!keys.company.empty()) look_ups.push_back("n" + keys.company + "/" + keys.contact);
  return look_ups;
}

}  // namespace

void LeadIntake::Load(absl::Span<const LeadDraft> drafts) {
  drafts_ = drafts;
  looks_.reserve(drafts.size());
  MatchKeySet keys;
  std::vector<std::string> external_ids;
  for (const LeadDraft& draft : drafts) {
    MatchKeys mine = MatchKeysOf(draft.details);
    const auto fingerprint = FingerprintOf(mine);
    keys.Add(looks_.emplace_back(Look{std::move(mine), fingerprint}).keys);
    if (!draft.details.external_id.empty()) external_ids.push_back(draft.details.external_id);
  }
  keys.emails = work::Distinct(std::move(keys.emails));
  keys.phones = work::Distinct(std::move(keys.phones));
  keys.names = work::Distinct(std::move(keys.names));
  for (Lead& known : store_.FindKnown(external_ids, keys)) Meet(std::move(known));
  const bool cut_short =
      std::any_of(by_key_.begin(), by_key_.end(), [](const auto& alike) { return IsFull(alike.second); });
  if (!cut_short) return;
  std::vector<Uuid> fingerprints;
  for (const Look& look : looks_)
    if (look.fingerprint) fingerprints.push_back(*look.fingerprint);
  for (Lead& known : store_.FindSame(work::Distinct(std::move(fingerprints)))) Meet(std::move(known));
}

void LeadIntake::Meet(Lead known) {
  const Uuid id = known.id;
  if (leads_.Find(id) != nullptr) return;
  leads_.AddLoaded(std::move(known));
  Remember(*leads_.Find(id));
}

Lead* LeadIntake::FindByExternalId(const std::string& external_id) const {
  if (external_id.empty()) return nullptr;
  const auto found = by_external_id_.find(external_id);
  return found == by_external_id_.end() ? nullptr : found->second;
}

LeadIntake::Likeness LeadIntake::FindAlike(const Look& look) const {
  Likeness best;
  const auto compare = [&](Lead& lead) {
    if (!lead.keys) lead.keys = MatchKeysOf(lead.details);
    const DuplicateVerdict verdict = Compare(look.keys, *lead.keys);
    const bool older = best.lead != nullptr && verdict == best.verdict && lead.id < best.lead->id;
    if (verdict > best.verdict || older) {
      best.verdict = verdict;
      best.lead = &lead;
    }
  };
  if (const auto same = look.fingerprint ? by_fingerprint_.find(*look.fingerprint) : by_fingerprint_.end();
      same != by_fingerprint_.end()) {
    best.same_fingerprint = true;
    compare(*same->second);
  }
  for (const std::string& look_up : LookUps(look.keys))
    if (const auto alike = by_key_.find(look_up); alike != by_key_.end())
      for (Lead* lead : alike->second) compare(*lead);
  return best;
}

Lead& LeadIntake::Add(const LeadDraft& draft, const Look& look, const Likeness& likeness) {
  Lead lead;
  lead.id = Uuid::New();
  lead.org_unit_id = draft.org_unit_id;
  lead.import_id = draft.import_id;
  lead.details = draft.details;
  lead.keys = look.keys;
  lead.history = draft.history;
  if (!likeness.same_fingerprint) lead.fingerprint = look.fingerprint;
  if (likeness.lead != nullptr) lead.possible_duplicate_of = likeness.lead->id;
  lead.occurred_time = std::min(draft.occurred, now_);
  lead.create_time = lead.update_time = now_;
  Lead& added = leads_.AddNew(std::move(lead));
  Remember(added);
  return added;
}

void LeadIntake::Remember(Lead& lead) {
  if (!lead.details.external_id.empty()) by_external_id_[lead.details.external_id] = &lead;
  if (!IsOpen(lead)) return;
  if (lead.fingerprint) by_fingerprint_[*lead.fingerprint] = &lead;
  for (std::string& look_up : LookUps(*lead.keys)) {
    auto& alike = by_key_[std::move(look_up)];
    if (!IsFull(alike)) alike.push_back(&lead);
  }
}

}  // namespace crm::customer
