#include "services/customer/app/list_customers.h"

#include "services/customer/app/customer_fixture.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using testing::HasViolation;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class ListCustomersTest : public CustomerFixture {
 protected:
  std::vector<std::string> Search(const std::string& query, int page = 50) {
    std::vector<std::string> names;
    SearchCustomers search{query, {}, page};
    for (;;) {
      const auto found = *FindCustomers(pool_, Ask(search));
      if (found.empty()) return names;
      for (const FoundCustomer& one : found) names.push_back(one.customer.profile.name);
      search.after = found.back().position;
    }
  }
};

TEST_F(ListCustomersTest, PagesAreGaplessFromTheNewest) {
  std::vector<Uuid> created;
  for (int i = 0; i < 7; ++i) created.push_back(Create("客户 " + std::to_string(i)));
  std::vector<Uuid> listed;
  ListCustomers query{{}, {}, 3};
  for (;;) {
    const auto page = *CustomersLike(pool_, Ask(query));
    if (page.empty()) break;
    for (const Customer& customer : page) listed.push_back(customer.id);
    query.before = page.back().id;
  }
  EXPECT_TRUE(std::equal(listed.rbegin(), listed.rend(), created.begin(), created.end()));
}

TEST_F(ListCustomersTest, FiltersNarrow) {
  auth::Principal colleague;
  colleague.id = Uuid::New();
  colleague.org_unit_id = unit_id_;
  auto other = Ask(Called("别人的"));
  other.caller.principal = std::make_shared<const auth::Principal>(colleague);
  CreateCustomers(work_, {Ask(Called("我的", "x-1")), other});
  const auto names = [&](CustomerFilter filter) {
    std::vector<std::string> found;
    const auto customers = CustomersLike(pool_, Ask(ListCustomers{filter, {}, 50}));
    EXPECT_THAT(customers, IsOk());
    for (const Customer& c : customers.value()) found.push_back(c.profile.name);
    return found;
  };
  CustomerFilter of_owner, of_external, of_lifecycle, of_unit;
  of_owner.owner_id = colleague.id;
  of_external.external_id = "x-1";
  of_lifecycle.lifecycle = Lifecycle::kUser;
  of_unit.org_unit_id = unit_id_;
  EXPECT_THAT(names(of_owner), ElementsAre("别人的"));
  EXPECT_THAT(names(of_external), ElementsAre("我的"));
  EXPECT_THAT(names(of_lifecycle), IsEmpty());
  EXPECT_THAT(names(of_unit), SizeIs(2));
}

TEST_F(ListCustomersTest, FindsChineseAndPartsOfWords) {
  for (const char* name : {"深圳华为技术有限公司", "華為終端", "上海中兴通讯股份有限公司",
                           "Huawei Technologies Co., Ltd.", "Müller & Söhne GmbH", "100% Cotton_Shop"})
    Create(name);
  EXPECT_THAT(Search("华为"), ElementsAre("華為終端", "深圳华为技术有限公司"));
  EXPECT_THAT(Search("華為終端"), ElementsAre("華為終端"));
  EXPECT_THAT(Search("为"), SizeIs(2));
  EXPECT_THAT(Search("UAWE"), ElementsAre("Huawei Technologies Co., Ltd."));
  EXPECT_THAT(Search("tech hua"), ElementsAre("Huawei Technologies Co., Ltd."));
  EXPECT_THAT(Search("ｈｕａｗｅｉ"), ElementsAre("Huawei Technologies Co., Ltd.")) << "full width";
  EXPECT_THAT(Search("müll"), ElementsAre("Müller & Söhne GmbH"));
  EXPECT_THAT(Search("0%"), ElementsAre("100% Cotton_Shop")) << "no wildcards";
  EXPECT_THAT(Search("n_s"), ElementsAre("100% Cotton_Shop"));
  EXPECT_THAT(Search("小米"), IsEmpty());
  EXPECT_THAT(FindCustomers(pool_, Ask(SearchCustomers{"h", {}, 10})), HasViolation("query", "TOO_SHORT"));
}

TEST_F(ListCustomersTest, TheBestMatchComesFirstAndPagesAgree) {
  for (const char* name : {"大华为民", "华为", "华为终端", "华为技术有限公司", "北京华为"}) Create(name);
  const auto all = Search("华为");
  EXPECT_EQ(all.front(), "华为");
  EXPECT_THAT(all, SizeIs(5));
  EXPECT_EQ(Search("华为", 2), all);
}

TEST_F(ListCustomersTest, NamedByIdOrExternalIdAreGotTogether) {
  const Uuid id = Create("甲");
  CreateCustomers(work_, {Ask(Called("乙", "x-2")), Ask(Called("丙", "x-3"))});
  const auto named = *CustomersNamed(pool_, Ask(BatchGetCustomers{{id, Uuid::New()}, {"x-2", "", "nobody"}}));
  EXPECT_THAT(named, SizeIs(2));
}

TEST_F(ListCustomersTest, EveryNamesakeIsGotOnceWhateverItsLegalForm) {
  const Uuid id = Create("Acme Trading Co., Ltd.");
  for (const char* name : {"ACME Trading GmbH", "Acme Trading East", "华为技术有限公司"}) Create(name);
  const auto customers = *CustomersNamed(
      pool_, Ask(BatchGetCustomers{{id}, {}, {"acme trading", "Acme  Trading", "華為技術", "?"}}));
  std::vector<std::string> names;
  for (const Customer& customer : customers) names.push_back(customer.profile.name);
  EXPECT_THAT(names, UnorderedElementsAre("Acme Trading Co., Ltd.", "ACME Trading GmbH", "华为技术有限公司"));
}

TEST_F(ListCustomersTest, ManyNamesTakeAsManyStatementsAsOne) {
  const auto statements = [&](int count) {
    BatchGetCustomers query;
    for (int i = 0; i < count; ++i) query.names.push_back("客户 " + std::to_string(i));
    const std::int64_t before = pool_.round_trips();
    EXPECT_THAT(CustomersNamed(pool_, Ask(query)), IsOk());
    return pool_.round_trips() - before;
  };
  statements(1);  // afterwards the connection has prepared its statements
  EXPECT_EQ(statements(64), statements(1));
}

}  // namespace
}  // namespace crm::customer
