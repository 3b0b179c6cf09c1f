#include "common/imports/store.h"

#include <algorithm>

namespace crm::imports::internal {

void Read(db::Row& row, Import& import) {
  import.id = row.Next<Uuid>();
  import.version = row.Next<std::int64_t>();
  import.owner_id = row.Next<Uuid>();
  import.org_unit_id = row.Next<Uuid>();
  import.name = row.Next<std::string>();
  const auto state = std::find(kStates.begin(), kStates.end(), row.Next<std::string>());
  import.state = static_cast<State>(state - kStates.begin());
  import.rows_read = row.Next<std::int64_t>();
  import.rows_imported = row.Next<std::int64_t>();
  import.rows_duplicate = row.Next<std::int64_t>();
  import.rows_rejected = row.Next<std::int64_t>();
  import.committed_line = row.Next<std::int64_t>();
  import.content_hash = row.Next<db::Bytes>().value;
  import.failure = row.Next<std::string>();
  import.create_time = row.Next<absl::Time>();
  import.update_time = row.Next<absl::Time>();
}

// CRM_IMPORT_VALUES.
#define CRM_VALUES_OF(i, own)                                                                      \
  i.id, i.version, i.owner_id, i.org_unit_id, i.name, Name(i.state), i.rows_read, i.rows_imported, \
      i.rows_duplicate, i.rows_rejected, i.committed_line, db::Bytes{i.content_hash}, i.failure,   \
      i.create_time, i.update_time, own[0], own[1]

bool Insert(db::Transaction& tx, const Table& table, const Import& import,
            const std::array<db::Param, 2>& own) {
  return !tx.Query(table.insert, {CRM_VALUES_OF(import, own)}).empty();
}

bool Update(db::Transaction& tx, const Table& table, const Import& import,
            const std::array<db::Param, 2>& own, std::int64_t loaded_version) {
  return !tx.Query(table.update, {CRM_VALUES_OF(import, own), loaded_version}).empty();
}

}  // namespace crm::imports::internal
