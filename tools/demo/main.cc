// guanxi-demo: the whole main job on a file of leads, through the public API, step by step.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include "absl/strings/str_split.h"
#include "common/base/config.h"
#include "tools/demo/clients.h"
#include "tools/demo/counts.h"
#include "tools/demo/enterprise.h"
#include "tools/demo/journey.h"
#include "tools/demo/progress.h"
#include "tools/demo/report.h"
#include "tools/demo/tokens.h"
#include "tools/demo/upload.h"
#include "tools/people/csv_table.h"
#include "tools/people/people.h"

namespace crm::demo {
namespace {

void Step(const char* text) {
  std::printf("==> %s\n", text);
  std::fflush(stdout);
}

template <class T>
T OrThrow(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

// "source=origin,external_id=id": field=column.
std::map<std::string, std::string> Mapping(const std::string& text) {
  std::map<std::string, std::string> mapping;
  for (const auto part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty())
      throw std::runtime_error("--map takes FIELD=COLUMN, such as source=origin; this is none: " +
                               std::string(part));
    mapping.insert(pair);
  }
  return mapping;
}

class Demo {
 public:
  explicit Demo(const Config& config)
      : config_(config),
        clients_({config.Text("customer-address"), config.Text("opportunity-address"),
                  config.Text("contract-credit-address"), config.Text("analytics-address")}),
        database_(config.Text("database-url")),
        tokens_(OrThrow(tools::ReadFile(config.Text("token-private-key"))),
                OrThrow(tools::ReadRoles(config.Text("sample-data") + "/roles.csv"))) {}

  void SetUp() {
    Step("The enterprise: org units, people, rules, products, a sales process");
    enterprise_ = SetUpEnterprise(clients_, tokens_.Administrator(), config_.Text("sample-data"));
    std::printf("    %d org units, %d employees, %d assignment rules, %d products; %s\n",
                enterprise_.org_units, enterprise_.employees, enterprise_.rules, enterprise_.products,
                enterprise_.created == 0 ? "all there already" : "created through the API");
    tokens_.Fill(OrThrow(tools::ReadPeople(config_.Text("database-url"))));
  }

  Counts Run() {
    const auto import = Import();
    AwaitAssignment(import);
    Follow(import);
    const Counts counts = database_.Count(import.id());
    Step("What the manager sees");
    PrintManagersView(clients_, tokens_.Of("lin.yue"), counts);
    Step("Counted in the databases");
    Print(counts);
    return counts;
  }

 private:
  customer::v1::Import Import() {
    Step(("Importing " + config_.Text("file")).c_str());
    customer::v1::Import import;
    {
      const std::jthread watcher([this](const std::stop_token& end) { WatchImport(end); });
      import = Upload();
    }
    std::printf("    %lld rows read, %lld imported, %lld duplicates, %lld rejected\n",
                static_cast<long long>(import.rows_read()), static_cast<long long>(import.rows_imported()),
                static_cast<long long>(import.rows_duplicate()),
                static_cast<long long>(import.rows_rejected()));
    PrintRejects(import);
    return import;
  }

  void WatchImport(const std::stop_token& end) const {
    Progress progress;
    for (int tick = 1; !end.stop_requested(); ++tick) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (tick % 10 != 0) continue;
      try {
        progress.Show(absl::StrCat(database_.RowsReadByLatestImport(), " rows"));
      } catch (const std::exception&) {
        // The upload says what is wrong.
      }
    }
  }

  // A file none of whose columns says which lead is which: its first "…_id" column does, and that is said.
  customer::v1::Import Upload() {
    UploadOptions options{.path = config_.Text("file"),
                          .encoding = config_.Text("encoding"),
                          .date_order = config_.Text("date-order"),
                          .mapping = Mapping(config_.Text("map"))};
    try {
      return UploadLeads(clients_, tokens_.Of("he.jing"), options);
    } catch (const Refused& refused) {
      const std::string column = IdColumn(options);
      if (refused.code != grpc::StatusCode::INVALID_ARGUMENT || column.empty() ||
          !options.mapping.try_emplace("external_id", column).second)
        throw;
      std::printf("    %s\n    going on with --map external_id=%s\n", refused.what(), column.c_str());
      return UploadLeads(clients_, tokens_.Of("he.jing"), options);
    }
  }

  void PrintRejects(const customer::v1::Import& import) {
    if (import.rows_rejected() == 0) return;
    customer::v1::ListImportRejectsRequest request;
    request.set_import_id(import.id());
    request.set_page_size(5);
    const auto page = Call(clients_.imports, &customer::v1::ImportService::Stub::ListImportRejects,
                           tokens_.Of("he.jing"), request);
    for (const auto& reject : page.rejects())
      for (const auto& violation : reject.violations())
        std::printf("      line %lld, %s: %s\n", static_cast<long long>(reject.line()),
                    violation.field().c_str(), violation.description().c_str());
    if (import.rows_rejected() > page.rejects_size())
      std::printf("      … and %lld more: GET /v1/imports/%s/rejects\n",
                  static_cast<long long>(import.rows_rejected() - page.rejects_size()), import.id().c_str());
    if (import.rows_imported() == 0 && import.rows_duplicate() == 0)
      std::puts(
          "      Columns of another name: --map source=COLUMN; dates: --date-order DD-MM-YYYY; bytes: "
          "--encoding GBK");
  }

  void AwaitAssignment(const customer::v1::Import& import) {
    Step("Assigning each lead to one person");
    Counts counts;
    const int patience = 60 + static_cast<int>(import.rows_imported() / 200);
    {
      Progress progress;
      Await("the assignment of every lead", patience, [&] {
        counts = database_.Count(import.id());
        progress.Show(absl::StrCat(counts.assigned, " assigned"));
        const bool all = counts.assigned + counts.waiting == counts.imported;
        if (!all) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return all;
      });
    }
    std::printf("    %lld assigned, %lld wait visibly\n", static_cast<long long>(counts.assigned),
                static_cast<long long>(counts.waiting));
  }

  void Follow(const customer::v1::Import& import) {
    Step("Following up: plan, visit, judge, convert, quote, contract, money");
    std::vector<std::string> ids;
    customer::v1::ListLeadsRequest request;
    request.set_import_id(import.id());
    request.set_page_size(200);
    const auto page =
        Call(clients_.leads, &customer::v1::LeadService::Stub::ListLeads, tokens_.Of("lin.yue"), request);
    for (const auto& lead : page.leads())
      if (!lead.owner_id().empty() && ids.size() < static_cast<std::size_t>(config_.Int("stories")))
        ids.push_back(lead.id());

    // Out of ten: five won, one lost, one open, one nurtured, one given up, one only planned.
    static constexpr Ending kEndings[] = {
        Ending::kWon,      Ending::kWon, Ending::kLost,         Ending::kWon, Ending::kOpen,
        Ending::kNurtured, Ending::kWon, Ending::kDisqualified, Ending::kWon, Ending::kPlanned};
    const Journey journey(clients_, tokens_, enterprise_.product_ids);
    std::vector<Story> stories(ids.size());
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> people;
    for (int i = 0; i < 4; ++i)
      people.emplace_back([&] {
        for (std::size_t n; (n = next++) < ids.size();)
          stories[n] = journey.Follow(ids[n], kEndings[n % std::size(kEndings)], static_cast<int>(n));
      });
    for (auto& person : people) person.join();
    Tell(stories);
  }

  void Tell(const std::vector<Story>& stories) {
    const auto count = [&](auto member) {
      return static_cast<int>(
          std::count_if(stories.begin(), stories.end(), [&](const Story& s) { return s.*member; }));
    };
    int payments = 0;
    for (const Story& story : stories) payments += story.payments;
    std::printf("    %d follow-ups planned, %d leads judged, %d converted, %d quotes, %d won, %d lost\n",
                count(&Story::planned), count(&Story::judged), count(&Story::converted),
                count(&Story::quoted), count(&Story::won), count(&Story::lost));
    std::printf("    %d contracts in force (%d were held for credit and released), %d payments\n",
                count(&Story::active), count(&Story::held_for_credit), payments);
    for (const Story& story : stories)
      if (!story.trouble.empty()) {
        std::printf("    stopped: %s\n", story.trouble.c_str());
        ++troubles_;
      }
  }

  static void Print(const Counts& c) {
    const auto line = [](const char* what,
                         std::initializer_list<std::pair<const char*, std::int64_t>> values) {
      std::printf("    %s:", what);
      const char* comma = "";
      for (const auto& [name, value] : values) {
        std::printf("%s %lld %s", comma, static_cast<long long>(value), name);
        comma = ",";
      }
      std::printf("\n");
    };
    line("线索 leads", {{"read", c.read},
                        {"imported", c.imported},
                        {"rejected", c.rejected},
                        {"duplicates", c.duplicates},
                        {"assigned", c.assigned},
                        {"waiting", c.waiting}});
    line("商机 opportunities",
         {{"created", c.opportunities}, {"won", c.won}, {"lost", c.lost_opportunities}});
    line("合同 contracts", {{"active", c.active_contracts}});
    line("分期 instalments", {{"scheduled", c.instalments}, {"paid", c.paid}, {"overdue", c.overdue}});
    line("丢失与重复 integrity", {{"lost", c.lost}, {"doubled", c.doubled}});
  }

 public:
  int troubles() const { return troubles_; }

 private:
  const Config& config_;
  const Clients clients_;
  const Database database_;
  Tokens tokens_;
  Enterprise enterprise_;
  int troubles_ = 0;
};

int Main(int argc, char** argv) {
  Config config("guanxi-demo", "Runs the whole main job on a file of leads.");
  config.Text("file", "deploy/sample-data/leads.csv", "CSV of leads")
      .Text("map", "", "FIELD=COLUMN, joined by commas, for columns that are not named like fields")
      .Text("encoding", "", "of the file: GBK, ISO-8859-1; empty: UTF-8")
      .Text("date-order", "", "YYYY-MM-DD, DD-MM-YYYY or MM-DD-YYYY")
      .Text("sample-data", "deploy/sample-data", "folder of the sample enterprise")
      .Int("stories", 20, "how many leads are followed to their end")
      .Bool("enterprise-only", false, "set the sample enterprise up and do nothing else")
      .Text("json-file", "", "where the counts are written as one line of JSON")
      .Required("token-private-key", "PEM file of the key that signs tokens")
      .Required("database-url", "an administrator's connection string, for counting", Config::Show::kUrl)
      .Required("customer-address", "gRPC address")
      .Required("opportunity-address", "gRPC address")
      .Required("contract-credit-address", "gRPC address")
      .Required("analytics-address", "gRPC address");
  const absl::Status parsed = config.Parse(argc, argv);
  if (config.help_requested()) return std::puts(config.Help().c_str()), 0;
  if (!parsed.ok()) return std::fprintf(stderr, "%s\n", std::string(parsed.message()).c_str()), 2;
  try {
    Demo demo(config);
    demo.SetUp();
    if (config.Bool("enterprise-only")) return 0;
    const Counts counts = demo.Run();
    if (!config.Text("json-file").empty()) std::ofstream(config.Text("json-file")) << counts.ToJson() << '\n';
    return demo.troubles() > 0 || counts.lost > 0 || counts.doubled > 0 ? 1 : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guanxi-demo: %s\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace crm::demo

int main(int argc, char** argv) { return crm::demo::Main(argc, argv); }
