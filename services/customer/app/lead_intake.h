#pragma once
#include <string>
#include <unordered_map>
#include <vector>

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

  // One statement. The drafts must live as long as this.
  void Load(const std::vector<const LeadDraft*>& drafts);

  enum class Fate { kCreated, kUpdated, kUnchanged, kDuplicate };
  struct Taken {
    Fate fate = Fate::kCreated;
    Lead* lead = nullptr;  // the new one, or the one that was there
  };

  // Decides what becomes of a loaded draft, and tells it through `item`. A known external id brings the known
  // lead up to date; the same person without one is a duplicate and changes nothing.
  template <class Item>
  Taken Take(Item& item, const LeadDraft& draft) {
    const MatchKeys keys = MatchKeysOf(draft.details);
    if (Lead* known = FindByExternalId(draft.details.external_id)) {
      const auto updated = Update(*known, draft.details);
      if (!updated) return {Fate::kUnchanged, known};
      known->update_time = now_;
      Tell(item, *known, *updated);
      return {Fate::kUpdated, known};
    }
    const Likeness likeness = FindAlike(keys);
    if (likeness.verdict == DuplicateVerdict::kBlock && draft.details.external_id.empty())
      return {Fate::kDuplicate, likeness.lead};
    Lead& lead = Add(draft, keys, likeness);
    Tell(item, lead, LeadCaptured(), lead.occurred_time);
    if (!draft.history) item.Schedule(AssignLeadJob(lead.id, now_));
    return {Fate::kCreated, &lead};
  }

  bool Save() { return store_.Save(leads_); }

 private:
  struct Likeness {
    DuplicateVerdict verdict = DuplicateVerdict::kNone;
    Lead* lead = nullptr;
    bool same_fingerprint = false;
  };
  struct Seen {
    Lead* lead;
    MatchKeys keys;
  };

  Lead* FindByExternalId(const std::string& external_id) const;
  Likeness FindAlike(const MatchKeys& keys) const;
  Lead& Add(const LeadDraft& draft, const MatchKeys& keys, const Likeness& likeness);
  void Remember(Lead& lead, const MatchKeys& keys);

  LeadStore store_;
  absl::Time now_;
  work::Tracked<Lead> leads_;
  std::vector<Seen> seen_;
  std::unordered_map<std::string, Lead*> by_external_id_;
  std::unordered_multimap<std::string, std::size_t> by_key_;  // into seen_
};

}  // namespace crm::customer
