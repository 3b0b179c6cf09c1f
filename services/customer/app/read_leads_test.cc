#include "services/customer/app/read_leads.h"

#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using testing::IsOk;
using ::testing::UnorderedElementsAre;

class ReadLeadsTest : public LeadFixture {
 protected:
  static std::vector<std::string> CompaniesOf(const std::vector<Lead>& leads) {
    std::vector<std::string> companies;
    for (const Lead& lead : leads) companies.push_back(lead.details.company);
    return companies;
  }
};

TEST_F(ReadLeadsTest, NamedByIdOrExternalIdAreGotTogetherAndOnce) {
  const Uuid id = CaptureOne("甲");
  for (const char* known : {"乙", "丙", "丁"}) CaptureLeads(work_, {Ask(Draft(known, known))});
  const Uuid both = *Uuid::Parse(One("SELECT id FROM lead WHERE external_id = '乙'"));
  const auto named =
      LeadsNamed(pool_, Ask(BatchGetLeads{{id, both, Uuid::New()}, {"乙", "丙", "", "nobody"}}));
  ASSERT_THAT(named, IsOk());
  EXPECT_THAT(CompaniesOf(*named), UnorderedElementsAre("甲", "乙", "丙"));
}

TEST_F(ReadLeadsTest, ManyTakeAsManyStatementsAsOne) {
  const auto statements = [&](int count) {
    BatchGetLeads query;
    for (int i = 0; i < count; ++i) query.external_ids.push_back("x-" + std::to_string(i));
    return RoundTripsOf([&] { EXPECT_THAT(LeadsNamed(pool_, Ask(query)), IsOk()); });
  };
  statements(1);  // afterwards the connection has prepared its statements
  EXPECT_EQ(statements(1000), statements(1));
}

}  // namespace
}  // namespace crm::customer
