#pragma once
#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"

namespace crm::testing {

// Deals the records of `table` out to two owners, turn about.
inline void DealOut(TestSchema& schema, const std::string& table) {
  const std::string numbered =
      "(SELECT id AS record, row_number() OVER (ORDER BY id) AS n FROM " + table + ")";
  const auto dealt = schema.Sql("UPDATE " + table + " SET owner_id = md5((n % 2)::text)::uuid FROM " +
                                numbered + " numbered WHERE id = record RETURNING id");
  ASSERT_GE(dealt.size(), 2u) << table;
}

// Shows that a list keeps to the one predicate: to each owner of what `list(tx, scope)` answers to one who
// sees all, and to a stranger, it shows exactly the records that Scope::Allows, by which they are got and
// written when `load(tx, ids)` has loaded them.
template <class List, class Load>
void ExpectListKeepsToScope(db::Pool& pool, List list, Load load) {
  const absl::Status read =
      db::RunStatements(pool, absl::Now() + absl::Seconds(10), [&](db::Transaction& tx) {
        const auto shown_to = [&](const auth::Scope& scope) {
          std::set<Uuid> ids;
          for (const auto& record : list(tx, scope)) ids.insert(record.id);
          return ids;
        };
        const std::set<Uuid> all = shown_to(auth::Scope::Of({}, ""));
        const auto loaded = load(tx, std::vector<Uuid>(all.begin(), all.end()));
        std::set<Uuid> owners = {Uuid::New()};
        for (const auto* record : loaded.All()) owners.insert(record->owner_id);
        EXPECT_GT(owners.size(), 1u) << "nothing is listed";
        for (const Uuid& owner : owners) {
          const auto scope = auth::Scope::OwnedBy(owner);
          std::set<Uuid> allowed;
          for (const auto* record : loaded.All())
            if (scope.Allows({record->owner_id, record->org_unit_id})) allowed.insert(record->id);
          EXPECT_EQ(shown_to(scope), allowed);
        }
        return absl::OkStatus();
      });
  EXPECT_THAT(read, IsOk());
}

}  // namespace crm::testing
