#pragma once
#include <array>
#include <vector>

#include "common/db/transaction.h"
#include "common/imports/import.h"
#include "common/work/tracked.h"

namespace crm::imports {

// A service's table of imports: the columns that every import has, and two of its own.
struct Table {
  db::Statement load, insert, update;
};

#define CRM_IMPORT_COLUMNS                                                                      \
  "id, version, owner_id, org_unit_id, name, state, rows_read, rows_imported, rows_duplicate, " \
  "rows_rejected, committed_line, content_hash, failure, create_time, update_time"
#define CRM_IMPORT_VALUES "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"

// `own`: the names of the two columns.
#define CRM_IMPORT_TABLE(table, own)                                                                     \
  {                                                                                                      \
    {"load_" table, "SELECT " CRM_IMPORT_COLUMNS ", " own " FROM " table " WHERE id = ANY($1::uuid[])"}, \
        {"insert_" table, "INSERT INTO " table " (" CRM_IMPORT_COLUMNS ", " own                          \
                          ") VALUES (" CRM_IMPORT_VALUES ") ON CONFLICT DO NOTHING RETURNING id"},       \
    {                                                                                                    \
      "update_" table, "UPDATE " table " SET (" CRM_IMPORT_COLUMNS ", " own ") = (" CRM_IMPORT_VALUES    \
                       ") WHERE id = $1 AND version = $18 RETURNING id"                                  \
    }                                                                                                    \
  }

namespace internal {
void Read(db::Row& row, Import& import);
bool Insert(db::Transaction& tx, const Table& table, const Import& import,
            const std::array<db::Param, 2>& own);
bool Update(db::Transaction& tx, const Table& table, const Import& import,
            const std::array<db::Param, 2>& own, std::int64_t loaded_version);
}  // namespace internal

// The imports of one service. Kind says what is its own:
//   using Import = LeadImport;                                     a struct made of imports::Import
//   static constexpr Table kTable = CRM_IMPORT_TABLE(…);
//   static void ReadOwn(db::Row& row, Import& import);             the two columns
//   static std::array<db::Param, 2> OwnOf(const Import& import);
// Not thread safe.
template <class Kind>
class Store {
 public:
  using Import = typename Kind::Import;
  explicit Store(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Import> Load(const std::vector<Uuid>& ids) {
    work::Tracked<Import> imports;
    if (ids.empty()) return imports;
    for (db::Row row : tx_.Query(Kind::kTable.load, {ids})) imports.AddLoaded(Read(row));
    return imports;
  }

  // One that is new has the loaded version 0. False when it has gone on meanwhile.
  bool Save(const Import& import, std::int64_t loaded_version) {
    const auto own = Kind::OwnOf(import);
    return loaded_version == 0 ? internal::Insert(tx_, Kind::kTable, import, own)
                               : internal::Update(tx_, Kind::kTable, import, own, loaded_version);
  }

  // A row of CRM_IMPORT_COLUMNS and the two columns.
  static Import Read(db::Row& row) {
    Import import;
    internal::Read(row, import);
    Kind::ReadOwn(row, import);
    return import;
  }

 protected:
  db::Transaction& tx_;
};

}  // namespace crm::imports
