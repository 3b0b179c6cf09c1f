#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/uuid.h"

namespace crm::work {

// Aggregates of one batch by id: loaded ones remember the version they were loaded with, so that the store
// can save what changed with `WHERE version = loaded`. Commands on one row share its one copy.
template <class Aggregate>
class Tracked {
 public:
  struct Entry {
    Aggregate value;
    std::int64_t loaded_version = 0;  // 0 = new
  };

  void AddLoaded(Aggregate value) {
    const Uuid id = value.id;
    const std::int64_t version = value.version;
    entries_.insert_or_assign(id, std::make_unique<Entry>(Entry{std::move(value), version}));
  }
  Aggregate& AddNew(Aggregate value) {
    const Uuid id = value.id;
    return (entries_[id] = std::make_unique<Entry>(Entry{std::move(value), 0}))->value;
  }
  // Null when there is none. Stays valid while this lives.
  Aggregate* Find(const Uuid& id) {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second->value;
  }

  // All that there is, sorted by id.
  std::vector<const Aggregate*> All() const {
    std::vector<const Aggregate*> all;
    for (const auto& [id, entry] : entries_) all.push_back(&entry->value);
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return all;
  }

  // What a store has to insert (new and with an event emitted) and to update; sorted by id, so that locks are
  // taken in one order.
  std::vector<const Aggregate*> Added() const {
    std::vector<const Aggregate*> added;
    for (const auto& [id, entry] : entries_)
      if (entry->loaded_version == 0 && entry->value.version > 0) added.push_back(&entry->value);
    std::sort(added.begin(), added.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return added;
  }
  std::vector<const Entry*> Changed() const {
    std::vector<const Entry*> changed;
    for (const auto& [id, entry] : entries_)
      if (entry->loaded_version != 0 && entry->value.version != entry->loaded_version)
        changed.push_back(entry.get());
    std::sort(changed.begin(), changed.end(), [](auto* a, auto* b) { return a->value.id < b->value.id; });
    return changed;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  absl::flat_hash_map<Uuid, std::unique_ptr<Entry>> entries_;
};

// What an update has to write, and the versions at which it was loaded.
template <class Aggregate>
struct ChangedRows {
  explicit ChangedRows(const Tracked<Aggregate>& tracked) {
    for (const auto* entry : tracked.Changed()) {
      rows.push_back(&entry->value);
      loaded_versions.push_back(entry->loaded_version);
    }
  }
  std::vector<const Aggregate*> rows;
  std::vector<std::int64_t> loaded_versions;
};

}  // namespace crm::work
