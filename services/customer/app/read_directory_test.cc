#include "services/customer/app/read_directory.h"

#include "services/customer/app/lead_fixture.h"
#include "services/customer/storage/assignment_store.h"

namespace crm::customer {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

using ReadDirectoryTest = LeadFixture;

TEST_F(ReadDirectoryTest, ListsShowWhatTheCallerSees) {
  const Uuid a = Hire("a", 1);
  Hire("b", 1);
  Rule();
  EXPECT_THAT(*EmployeesUnder(pool_, Ask(ListEmployees{{}, {}, "", {}, 10})), SizeIs(2));
  EXPECT_THAT(*OrgUnitsUnder(pool_, Ask(ListOrgUnits{{}, "", 10})), SizeIs(1));
  const auto own = auth::Scope::OwnedBy(a);
  EXPECT_THAT(db::RunStatements(pool_, absl::Now() + absl::Seconds(5),
                                [&](db::Transaction& tx) {
                                  EXPECT_THAT(DirectoryStore(tx).ListOrgUnits(own, "", "", 10), IsEmpty());
                                  EXPECT_THAT(AssignmentStore(tx).ListRules(own, {}, -1, {}, 10), IsEmpty());
                                  return absl::OkStatus();
                                }),
              IsOk());
}

TEST_F(ReadDirectoryTest, AUnitThatThereIsNotIsNamedByItsField) {
  const Uuid nowhere = Uuid::New();
  EXPECT_THAT(std::string(OrgUnitsUnder(pool_, Ask(ListOrgUnits{nowhere, "", 10})).status().message()),
              EndsWith("check under_id"));
  EXPECT_THAT(
      std::string(EmployeesUnder(pool_, Ask(ListEmployees{nowhere, {}, "", {}, 10})).status().message()),
      EndsWith("check under_org_unit_id"));
}

}  // namespace
}  // namespace crm::customer
