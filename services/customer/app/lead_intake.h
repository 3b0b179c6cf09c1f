#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "common/work/find.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/domain/match_keys.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {

// A lead as it arrives, already tidy and checked.
struct LeadDraft {
  LeadDetails details;
  Uuid org_unit_id, import_id;
  absl::Time occurred = absl::InfiniteFuture();  // when it really came in; InfiniteFuture = now
  bool history = false;                          // starts nothing
};

// Takes a set of drafts in against what is already there, and against each other in their order. Captures one
// by one, in batches and from files are this code.
class LeadIntake {
 public:
  explicit LeadIntake(db::Transaction& tx) : store_(tx), now_(tx.now()) {}

  // One statement, and another when a key is shared by too many to look at all. The drafts must live as long
  // as this.
  void Load(absl::Span<const LeadDraft> drafts);

  enum class Fate { kCreated, kUpdated, kUnchanged, kDuplicate };
  struct Taken {
    Fate fate = Fate::kCreated;
    Lead* lead = nullptr;  // the new one, or the one that was there
  };

  // Decides what becomes of a loaded draft, and tells it through `item`. A known external id brings the known
  // lead up to date; a lead that the caller may not see, and the same person without an external id, is a
  // duplicate and changes nothing.
  template <class Item>
  Taken Take(Item& item, const LeadDraft& draft) {
    const Look& look = looks_[static_cast<std::size_t>(&draft - drafts_.data())];
    if (Lead* known = FindByExternalId(draft.details.external_id)) {
      if (!work::Sees(item.caller(), "lead:create", {known->owner_id, known->org_unit_id}))
        return {Fate::kDuplicate, known};
      const auto updated = Update(*known, draft.details);
      if (!updated) return {Fate::kUnchanged, known};
      known->update_time = now_;
      Tell(item, *known, *updated);
      return {Fate::kUpdated, known};
    }
    const Likeness likeness = FindAlike(look);
    if (likeness.verdict == DuplicateVerdict::kBlock && draft.details.external_id.empty())
      return {Fate::kDuplicate, likeness.lead};
    Lead& lead = Add(draft, look, likeness);
    Tell(item, lead, LeadCaptured(), lead.occurred_time);
    if (!draft.history) item.Schedule(AssignLeadJob(lead.id, now_));
    return {Fate::kCreated, &lead};
  }

  bool Save() { return store_.Save(leads_); }

 private:
  // What a draft looks like.
  struct Look {
    MatchKeys keys;
    std::optional<Uuid> fingerprint;
  };
  struct Likeness {
    DuplicateVerdict verdict = DuplicateVerdict::kNone;
    Lead* lead = nullptr;
    bool same_fingerprint = false;
  };

  Lead* FindByExternalId(const std::string& external_id) const;
  Likeness FindAlike(const Look& look) const;
  Lead& Add(const LeadDraft& draft, const Look& look, const Likeness& likeness);
  void Meet(Lead known);
  void Remember(Lead& lead);

  LeadStore store_;
  absl::Time now_;
  absl::Span<const LeadDraft> drafts_;
  std::vector<Look> looks_;  // of the drafts
  work::Tracked<Lead> leads_;
  std::unordered_map<std::string, Lead*> by_external_id_;
  absl::flat_hash_map<Uuid, Lead*> by_fingerprint_;
  std::unordered_map<std::string, std::vector<Lead*>> by_key_;  // of each key a hundred open ones at most
};

}  // namespace crm::customer
