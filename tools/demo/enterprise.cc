#include "tools/demo/enterprise.h"

#include <map>
#include <stdexcept>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "tools/people/csv_table.h"

namespace crm::demo {
namespace {

using tools::CsvTable;
using Ids = std::map<std::string, std::string>;

std::vector<CsvTable::Row> Read(const std::string& path) {
  const auto table = CsvTable::Read(path);
  if (!table.ok()) throw std::runtime_error(std::string(table.status().message()));
  return table->rows();
}

int Number(const std::string& text) {
  int number = 0;
  if (!absl::SimpleAtoi(text, &number)) throw std::runtime_error("\"" + text + "\" is not a number");
  return number;
}

template <class Enum>
Enum Parse(bool (*parse)(const std::string&, Enum*), const std::string& prefix, const std::string& name) {
  Enum value;
  if (!parse(prefix + name, &value)) throw std::runtime_error("\"" + name + "\" is not a " + prefix);
  return value;
}

// Calls `list` page by page.
template <class Request, class List>
void EachPage(Request request, List list) {
  request.set_page_size(200);
  do {
    request.set_page_token(list(request));
  } while (!request.page_token().empty());
}

class Setup {
 public:
  Setup(const Clients& clients, const std::string& token, std::string folder)
      : clients_(clients), token_(token), folder_(std::move(folder)) {}

  Enterprise Run() {
    OrgUnits();
    Employees();
    Rules();
    Products();
    Process();
    return done_;
  }

 private:
  void OrgUnits() {
    using Service = directory::v1::DirectoryService::Stub;
    EachPage(directory::v1::ListOrgUnitsRequest(), [&](const auto& request) {
      const auto page = Call(clients_.directory, &Service::ListOrgUnits, token_, request);
      for (const auto& unit : page.org_units()) units_[unit.external_id()] = unit.id();
      return page.next_page_token();
    });
    for (const auto& row : Read(folder_ + "/org_units.csv")) {
      ++done_.org_units;
      if (units_.contains(row.at("external_id"))) continue;
      directory::v1::CreateOrgUnitRequest request;
      auto& unit = *request.mutable_org_unit();
      unit.set_external_id(row.at("external_id"));
      unit.set_name(row.at("name"));
      unit.set_kind(Parse(directory::v1::OrgUnitKind_Parse, "ORG_UNIT_KIND_", row.at("kind")));
      if (!row.at("parent").empty()) unit.set_parent_id(units_.at(row.at("parent")));
      request.set_request_id("sample/org-unit/" + row.at("external_id"));
      units_[row.at("external_id")] =
          Call(clients_.directory, &Service::CreateOrgUnit, token_, request).org_unit().id();
      ++done_.created;
    }
  }

  void Employees() {
    using Service = directory::v1::DirectoryService::Stub;
    Ids people;
    EachPage(directory::v1::ListEmployeesRequest(), [&](const auto& request) {
      const auto page = Call(clients_.directory, &Service::ListEmployees, token_, request);
      for (const auto& employee : page.employees()) people[employee.login()] = employee.id();
      return page.next_page_token();
    });
    for (const auto& row : Read(folder_ + "/employees.csv")) {
      const std::string& login = row.at("login");
      ++done_.employees;
      if (people.contains(login)) continue;
      directory::v1::CreateEmployeeRequest request;
      auto& employee = *request.mutable_employee();
      employee.set_login(login);
      employee.set_external_id(login);
      employee.set_name(row.at("name"));
      employee.set_org_unit_id(units_.at(row.at("org_unit")));
      if (!row.at("manager").empty()) employee.set_manager_id(people.at(row.at("manager")));
      for (const auto& role : tools::SplitWords(row.at("roles"))) employee.add_roles(role);
      employee.set_capacity(Number(row.at("capacity")));
      employee.set_time_zone(row.at("time_zone"));
      employee.set_email(row.at("email"));
      request.set_request_id("sample/employee/" + login);
      const auto created = Call(clients_.directory, &Service::CreateEmployee, token_, request).employee();
      people[login] = created.id();
      ++done_.created;
      if (row.at("state") == "ACTIVE") continue;
      directory::v1::ChangeEmployeeStateRequest change;
      change.set_id(created.id());
      change.set_state(Parse(directory::v1::EmployeeState_Parse, "EMPLOYEE_STATE_", row.at("state")));
      change.set_request_id("sample/employee-state/" + login);
      Call(clients_.directory, &Service::ChangeEmployeeState, token_, change);
    }
  }

  void Rules() {
    using Service = customer::v1::LeadService::Stub;
    Ids rules;
    EachPage(customer::v1::ListAssignmentRulesRequest(), [&](const auto& request) {
      const auto page = Call(clients_.leads, &Service::ListAssignmentRules, token_, request);
      for (const auto& rule : page.assignment_rules()) rules[rule.name()] = rule.id();
      return page.next_page_token();
    });
    for (const auto& row : Read(folder_ + "/assignment_rules.csv")) {
      ++done_.rules;
      if (rules.contains(row.at("name"))) continue;
      customer::v1::CreateAssignmentRuleRequest request;
      auto& rule = *request.mutable_assignment_rule();
      rule.set_org_unit_id(units_.at("HQ"));
      rule.set_name(row.at("name"));
      rule.set_position(Number(row.at("position")));
      rule.set_enabled(true);
      rule.set_phase(Parse(customer::v1::AssignmentPhase_Parse, "ASSIGNMENT_PHASE_", row.at("phase")));
      if (!row.at("field").empty()) {
        auto& criterion = *rule.add_criteria();
        criterion.set_field(row.at("field"));
        for (const auto value : absl::StrSplit(row.at("values"), '|'))
          criterion.add_values(std::string(value));
      }
      rule.set_strategy(
          Parse(customer::v1::AssignmentStrategy_Parse, "ASSIGNMENT_STRATEGY_", row.at("strategy")));
      rule.set_team_org_unit_id(units_.at(row.at("team")));
      rule.set_follow_up_minutes(Number(row.at("follow_up_minutes")));
      rule.set_reclaim_grace_minutes(Number(row.at("reclaim_grace_minutes")));
      request.set_request_id("sample/rule/" + row.at("name"));
      Call(clients_.leads, &Service::CreateAssignmentRule, token_, request);
      ++done_.created;
    }
  }

  void Products() {
    using Service = opportunity::v1::ProductService::Stub;
    Ids products;
    EachPage(opportunity::v1::ListProductsRequest(), [&](const auto& request) {
      const auto page = Call(clients_.products, &Service::ListProducts, token_, request);
      for (const auto& product : page.products()) products[product.sku()] = product.id();
      return page.next_page_token();
    });
    for (const auto& row : Read(folder_ + "/products.csv")) {
      ++done_.products;
      if (!products.contains(row.at("sku"))) {
        opportunity::v1::CreateProductRequest request;
        auto& product = *request.mutable_product();
        product.set_sku(row.at("sku"));
        product.set_name(row.at("name"));
        product.set_line(row.at("line"));
        product.set_description(row.at("description"));
        product.set_active(true);
        std::string digits = row.at("list_price");  // "128000.00": two places
        digits.erase(digits.find('.'), 1);
        product.mutable_list_price()->set_currency_code(row.at("currency"));
        product.mutable_list_price()->set_minor_units(Number(digits));
        request.set_request_id("sample/product/" + row.at("sku"));
        products[row.at("sku")] =
            Call(clients_.products, &Service::CreateProduct, token_, request).product().id();
        ++done_.created;
      }
      done_.product_ids.push_back(products[row.at("sku")]);
    }
  }

  void Process() {
    using Service = opportunity::v1::SalesProcessService::Stub;
    opportunity::v1::ListSalesProcessesRequest known;
    known.set_key(kProcess);
    if (Call(clients_.processes, &Service::ListSalesProcesses, token_, known).sales_processes_size() > 0)
      return;
    opportunity::v1::CreateSalesProcessRequest request;
    auto& process = *request.mutable_sales_process();
    process.set_key(kProcess);
    process.set_name("项目销售流程 Project sales");
    for (const auto& row : Read(folder_ + "/sales_process.csv")) {
      auto& stage = *process.add_stages();
      stage.set_key(row.at("key"));
      stage.set_display_name(row.at("name"));
      stage.set_probability_percent(Number(row.at("probability_percent")));
      stage.set_forecast_category(
          Parse(opportunity::v1::ForecastCategory_Parse, "FORECAST_CATEGORY_", row.at("forecast")));
      stage.set_expected_days(Number(row.at("expected_days")));
      stage.set_maximum_days(Number(row.at("maximum_days")));
      stage.set_guidance(row.at("guidance"));
      for (const std::string& gate : tools::SplitWords(row.at("gates"))) {
        const std::pair<std::string, std::string> part = absl::StrSplit(gate, absl::MaxSplits(':', 1));
        if (part.first == "field")
          stage.add_gates()->set_required_field(part.second);
        else if (part.first == "role")
          stage.add_gates()->set_contact_role(part.second);
        else
          stage.add_gates()->set_completed_activity(part.second);
      }
    }
    request.set_request_id("sample/process");
    Call(clients_.processes, &Service::CreateSalesProcess, token_, request);
    ++done_.created;
  }

  const Clients& clients_;
  const std::string token_, folder_;
  Ids units_;
  Enterprise done_;
};

}  // namespace

Enterprise SetUpEnterprise(const Clients& clients, const std::string& token, const std::string& folder) {
  return Setup(clients, token, folder).Run();
}

}  // namespace crm::demo
