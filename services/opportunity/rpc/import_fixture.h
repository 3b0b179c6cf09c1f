#pragma once
#include "common/base/text.h"
#include "services/opportunity/app/import_opportunities.h"
#include "services/opportunity/rpc/use_case_fixture.h"

namespace crm::opportunity {

inline constexpr char kHeader[] =
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n";

// Imports of files into a real database. Every customer exists but "Nobody", every employee but "No one",
// every lead but "no lead"; leads come from the "fair".
class ImportTest : public Fixture {
 protected:
  ImportTest() {
    const auto known = [](std::set<std::string> unknown) {
      return [unknown = std::move(unknown)](const work::Caller&, const std::vector<std::string>& names) {
        std::map<std::string, Peers::Found> found;
        for (const std::string& name : names) {
          EXPECT_FALSE(text::Tidy(name).empty()) << "the other side would refuse it";
          if (!unknown.contains(name))
            found[name] = {Uuid::FromName(Uuid(), name), Uuid(1, 1), name, /*ambiguous=*/false, "fair"};
        }
        return absl::StatusOr<std::map<std::string, Peers::Found>>(found);
      };
    };
    peers_.customers_by_name = known({"Nobody"});
    peers_.employees_by_name = known({"No one"});
    peers_.leads_by_external_id = known({"no lead"});
    CreateSalesProcess process{
        .key = "b2b",
        .name = "B2B",
        .stages = {{.key = "prospecting", .name = "Prospecting"}, {.key = "engaging", .name = "Engaging"}}};
    Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(process)}})[0]);
    for (const char* name :
         {"GTX Basic", "GTX Pro", "MG Special", "MG Advanced", "GTX Plus Pro", "GTX Plus Basic", "GTK 500"})
      ProductAt(100, name, name);
  }

  // Sends `bytes` in pieces, and ends the file with them.
  absl::StatusOr<OpportunityImport> Import(imports::Options options, OpportunityFile file,
                                           std::string_view bytes, std::size_t piece = 65536) {
    options.name = "pipeline.csv";
    options.batch_rows = 500;
    OpportunityImporter importer(work_, {caller_, absl::InfiniteFuture(), ""}, std::move(options),
                                 OpportunityRows(peers_, std::move(file)));
    if (auto begun = importer.Begin(); !begun.ok()) return begun;
    for (std::size_t at = 0; at < bytes.size() && !importer.over(); at += piece)
      if (auto fed = importer.Feed(bytes.substr(at, piece)); !fed.ok()) return fed;
    if (importer.over()) return importer.import();
    if (auto finished = importer.Finish([this] { return whole_; }); !finished.ok()) return finished;
    return importer.import();
  }
  absl::StatusOr<OpportunityImport> Import(const std::string& request_id, std::string_view bytes,
                                           std::size_t piece = 65536) {
    return Import({.request_id = request_id}, {.format = Dutch(), .process_key = "b2b"}, bytes, piece);
  }
  static ImportFormat Dutch() { return {ImportFormat::DateOrder::kDayMonthYear, "USD"}; }
  // What it had to say: "2 REPORTED customer NO_CUSTOMER, 3 …".
  std::string Findings(const OpportunityImport& import) {
    return One(
        "SELECT coalesce(string_agg(concat_ws(' ', line, kind, field, reason), ', ' ORDER BY line, ordinal), "
        "'') "
        "FROM opportunity_import_finding WHERE import_id = '" +
        import.id.ToString() + "'");
  }

  bool whole_ = true;  // nobody leaves before the end
};

}  // namespace crm::opportunity
