#pragma once
#include "common/db/transaction.h"
#include "services/analytics/domain/rollup.h"

namespace crm::analytics {

// Adds what a set of events changes to the rollups: at most one statement per rollup, whatever the size of
// the set, its rows in key order. Rows of zero are not written.
void AddToRollups(db::Transaction& tx, const Deltas& deltas);

// Empties facts, rollups, inbox, positions and dead letters, however long it takes.
void DeleteProjections(db::Transaction& tx);

}  // namespace crm::analytics
