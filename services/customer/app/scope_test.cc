#include "common/base/text.h"
#include "common/testing/scopes.h"
#include "services/customer/app/import_leads.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/storage/customer_finder.h"
#include "services/customer/storage/customer_store.h"
#include "services/customer/storage/directory_store.h"
#include "services/customer/storage/lead_finder.h"

namespace crm::customer {
namespace {

// Whatever is listed or searched, a caller with a narrower scope than all sees his own and nothing else.
class ScopeTest : public LeadFixture {
 protected:
  // `list(reader, scope)`, with a Reader; `load(store, ids)`, with a Store.
  template <class Reader, class Store, class List, class Load>
  void Expect(List list, Load load) {
    const auto listed = [&](db::Transaction& tx, const auth::Scope& scope) {
      Reader reader(tx);
      return list(reader, scope);
    };
    testing::ExpectListKeepsToScope(pool_, listed, [&](db::Transaction& tx, const std::vector<Uuid>& ids) {
      Store store(tx);
      return load(store, ids);
    });
  }
  template <class Reader, class Store, class List>
  void Expect(List list) {
    Expect<Reader, Store>(list, [](Store& store, const auto& ids) { return store.Load(ids); });
  }
  Uuid AnOwnerIn(const std::string& table) {
    return *Uuid::Parse(One("SELECT owner_id FROM " + table + " ORDER BY id LIMIT 1"));
  }
};

TEST_F(ScopeTest, OfCustomers) {
  const std::vector<std::string> numbers = {"c-1", "c-2", "c-3", "c-4"};
  for (const std::string& number : numbers)
    IdOf(CreateCustomers(work_, {Ask(Called("华东机械", number))})[0]);
  testing::DealOut(schema_, "customer");
  CustomerFilter of_owner, of_number;
  of_owner.owner_id = AnOwnerIn("customer");
  of_number.external_id = numbers[0];
  const auto expect = [&](auto list) { Expect<CustomerFinder, CustomerStore>(list); };
  expect([](auto& finder, const auto& scope) { return finder.List(scope, {}, {}, 10); });
  expect([&](auto& finder, const auto& scope) { return finder.List(scope, of_owner, {}, 10); });
  expect([&](auto& finder, const auto& scope) { return finder.List(scope, of_number, {}, 10); });
  expect([&](auto& finder, const auto& scope) { return finder.Named(scope, {}, numbers); });
  expect(
      [](auto& finder, const auto& scope) { return finder.Called(scope, {text::CompanyKey("华东机械")}); });
  expect([](auto& finder, const auto& scope) {
    std::vector<Customer> found;
    for (FoundCustomer& one : finder.Search(scope, TermsOf("华东"), {}, 10)) found.push_back(one.customer);
    return found;
  });
}

TEST_F(ScopeTest, OfLeads) {
  const std::vector<std::string> numbers = {"l-1", "l-2", "l-3", "l-4"};
  for (const std::string& number : numbers) IdOf(CaptureLeads(work_, {Ask(Draft(number, number))})[0]);
  testing::DealOut(schema_, "lead");
  LeadFilter of_owner;
  of_owner.owner_id = AnOwnerIn("lead");
  const auto expect = [&](auto list) { Expect<LeadFinder, LeadStore>(list); };
  expect([](auto& finder, const auto& scope) { return finder.List(scope, {}, {}, 10); });
  expect([&](auto& finder, const auto& scope) { return finder.List(scope, of_owner, {}, 10); });
  expect([&](auto& finder, const auto& scope) { return finder.Named(scope, {}, numbers); });
}

TEST_F(ScopeTest, OfImports) {
  for (const char* request : {"r-1", "r-2", "r-3"}) {
    imports::Options options;
    options.request_id = request;
    ASSERT_THAT(LeadImporter(work_, Ask(0).caller, options, LeadRows(LeadFile())).Begin(), testing::IsOk());
  }
  testing::DealOut(schema_, "lead_import");
  Expect<LeadImportStore, LeadImportStore>([](auto& store, const auto& scope) {
    return store.List(scope, ListLeadImports().before_time, {}, 10);
  });
}

TEST_F(ScopeTest, OfEmployeesEachOfWhomIsHisOwn) {
  for (const char* login : {"ann", "bob", "cem"}) Hire(login, 1);
  const auto list = [](DirectoryStore& store, const auth::Scope& scope) {
    std::vector<Employee> employees;
    for (EmployeeView& view : store.ListEmployees(scope, "", {}, "", {}, 10))
      employees.push_back(view.employee);
    return employees;
  };
  Expect<DirectoryStore, DirectoryStore>(
      list, [](DirectoryStore& store, const auto& ids) { return store.LoadEmployees(ids); });
}

}  // namespace
}  // namespace crm::customer
