// guanxi-migrate: brings the schemas and roles of all services up to date. Safe to run twice, from two places
// at once, and after it was killed in the middle.
#include "common/db/migrate.h"

#include <cstdio>
#include <cstdlib>

#include "common/base/config.h"

namespace crm::tools {
const std::vector<db::Migration>& CustomerMigrations();
const std::vector<db::Migration>& OpportunityMigrations();
const std::vector<db::Migration>& ContractCreditMigrations();
const std::vector<db::Migration>& AnalyticsMigrations();
}  // namespace crm::tools

int main(int argc, char** argv) {
  using namespace crm;
  Config config("guanxi-migrate", "Brings the schemas and roles of all services up to date.");
  config.Required("database-url", "connection string of a role that may create roles", Config::Show::kUrl)
      .Text("customer-password", "", "password of role guanxi_customer; empty: it keeps its own",
            Config::Show::kSecret)
      .Text("opportunity-password", "", "the same for guanxi_opportunity", Config::Show::kSecret)
      .Text("contract-credit-password", "", "the same for guanxi_contract_credit", Config::Show::kSecret)
      .Text("analytics-password", "", "the same for guanxi_analytics", Config::Show::kSecret);
  const absl::Status parsed = config.Parse(argc, argv);
  if (config.help_requested()) return std::puts(config.Help().c_str()), 0;
  if (!parsed.ok()) return std::fprintf(stderr, "%s\n", std::string(parsed.message()).c_str()), 2;

  const db::Schema schemas[] = {
      {"guanxi_customer", tools::CustomerMigrations(), config.Text("customer-password")},
      {"guanxi_opportunity", tools::OpportunityMigrations(), config.Text("opportunity-password")},
      {"guanxi_contract_credit", tools::ContractCreditMigrations(), config.Text("contract-credit-password")},
      {"guanxi_analytics", tools::AnalyticsMigrations(), config.Text("analytics-password")},
  };
  for (const db::Schema& schema : schemas) {
    const absl::Status status = db::Migrate(config.Text("database-url"), schema, [](const std::string& line) {
      std::printf("%s\n", line.c_str());
    });
    if (!status.ok()) return std::fprintf(stderr, "%s\n", std::string(status.message()).c_str()), 1;
  }
  std::puts("all schemas are up to date");
}
