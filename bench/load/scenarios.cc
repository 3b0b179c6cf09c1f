#include "bench/load/scenarios.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/load/anchors.h"
#include "bench/load/json_load.h"
#include "bench/load/load.h"
#include "bench/load/processes.h"
#include "common/base/uuid.h"
#include "common/testing/concurrent.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "tests/support/suite.h"

namespace crm::bench {
namespace {

namespace v1 = crm::customer::v1;
namespace fs = std::filesystem;
using Customers = v1::CustomerService::Stub;
using Leads = v1::LeadService::Stub;

constexpr int kOwners = 100;

void FillLead(v1::CaptureLeadRequest& request, std::uint64_t run, std::uint64_t n) {
  v1::Lead& lead = *request.mutable_lead();
  lead.set_company(absl::StrCat("Bench Works ", run, "-", n));
  lead.set_contact_name(absl::StrCat("Contact ", run, " ", n));
  lead.set_phone(absl::StrFormat("+86138%08d", (run * 10'000'000 + n) % 100'000'000));
  lead.set_email(absl::StrFormat("contact%d.%d@bench.example", run, n));
  lead.set_source("bench");
  lead.set_region("East");
  lead.set_industry("Machinery");
  request.set_request_id(absl::StrCat("bench-", run, "-", n));
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options), suite_(testing::Suite::Servers::kOwn) {
    // Only what is measured runs; what the other services would do with the events is their own figure.
    for (const char* other : {"analytics", "contract_credit", "opportunity"}) suite_.Kill(other, SIGTERM);
    char folder[] = "/tmp/guanxi-bench-XXXXXX";
    folder_ = mkdtemp(folder);
    token_ = suite_.Token({"*"});
    customers_ = v1::CustomerService::NewStub(suite_.Channel("customer"));
    leads_ = v1::LeadService::NewStub(suite_.Channel("customer"));
  }
  ~Bench() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::vector<Figure> Run() {
    Seed();
    Pgbench pgbench(suite_, folder_);
    pgbench.LearnCapture([this] { return CaptureOne(); });
    pgbench.LearnList(kOwners);
    StartEcho();

    std::vector<double> echo, get, get_ratio, json, json_ratio, single, transaction, capture, single_ratio,
        transaction_ratio, query, list, list_ratio;
    LoadResult last_get, last_json, last_capture, last_list;
    for (int round = 1; round <= options_.rounds; ++round) {
      std::printf("round %d of %d\n", round, options_.rounds);
      echo.push_back(Echo().rate);
      last_get = Get();
      get.push_back(last_get.rate);
      get_ratio.push_back(get.back() / echo.back());
      last_json = GetJson();
      json.push_back(last_json.rate);
      json_ratio.push_back(json.back() / get.back());
      single.push_back(pgbench.CaptureSingle(options_.seconds));
      last_capture = Capture(0);
      Drain();
      transaction.push_back(pgbench.CaptureTransaction(options_.seconds));
      capture.push_back(last_capture.rate);
      single_ratio.push_back(capture.back() / single.back());
      transaction_ratio.push_back(capture.back() / transaction.back());
      query.push_back(pgbench.List(options_.seconds));
      last_list = List();
      list.push_back(last_list.rate);
      list_ratio.push_back(list.back() / query.back());
    }
    const LoadResult open = Capture(options_.offered_per_s);
    Drain();

    std::vector<Figure> figures;
    const auto latencies = [&figures](const std::string& scenario, const LoadResult& result) {
      figures.push_back({scenario + ", p50", result.p50_ms, "ms", "", {}, {}});
      figures.push_back({scenario + ", p99", result.p99_ms, "ms", "", {}, {}});
      figures.push_back({scenario + ", p99.9", result.p999_ms, "ms", "", {}, {}});
    };
    figures.push_back({"bare gRPC echo", Median(echo), "calls/s", "", {}, {}});
    figures.push_back({"get customer", Median(get), "calls/s", "bare gRPC echo", Median(get_ratio), 0.40});
    latencies("get customer", last_get);
    figures.push_back({"get customer, JSON through the gateway", Median(json), "calls/s", "get customer",
                       Median(json_ratio), 0.5});
    latencies("get customer, JSON through the gateway", last_json);
    figures.push_back({"pgbench, one statement per lead", Median(single), "tps", "", {}, {}});
    figures.push_back({"pgbench, a transaction per lead", Median(transaction), "tps", "", {}, {}});
    figures.push_back({"capture lead", Median(capture), "calls/s", "pgbench, one statement per lead",
                       Median(single_ratio), 1.0});
    figures.push_back({"capture lead, to transactions",
                       Median(capture),
                       "calls/s",
                       "pgbench, a transaction per lead",
                       Median(transaction_ratio),
                       {}});
    latencies("capture lead", last_capture);
    const std::string offered = absl::StrFormat("capture lead, %.0f/s offered", options_.offered_per_s);
    figures.push_back({offered, open.rate, "calls/s", "", {}, {}});
    latencies(offered, open);
    figures.push_back({"pgbench, the bare query of a page", Median(query), "tps", "", {}, {}});
    figures.push_back({"list 50 leads of an owner",
                       Median(list),
                       "calls/s",
                       "pgbench, the bare query of a page",
                       Median(list_ratio),
                       {}});
    latencies("list 50 leads of an owner", last_list);
    figures.push_back({"customer service, resident", ResidentMib(Processes()[0]), "MiB", "", {}, {}});
    return figures;
  }

 private:
  LoadOptions Options(double seconds) const {
    LoadOptions options;
    options.token = token_;
    options.outstanding = options_.outstanding;
    options.length = absl::Seconds(seconds);
    return options;
  }
  std::vector<Watched> Processes() const {
    return {{"service", "guanxi-customer", suite_.address("customer")},
            {"gateway", "guanxi-gateway", suite_.gateway()},
            {"postgres", "postgres", "-p" + std::string(1, '\0') + suite_.address("postgres")},
            {"redis", "redis-server", suite_.address("redis")}};
  }
  // Runs a scenario and prints it with the processor time of each process per answered call.
  template <class SomeLoad>
  LoadResult Measure(const std::string& what, SomeLoad&& load, const LoadOptions& options) {
    std::vector<double> before;
    for (const Watched& process : Processes()) before.push_back(CpuSeconds(process));
    const double own = OwnCpuSeconds();
    const LoadResult result = load.Run(options);
    const double calls = result.rate * absl::ToDoubleSeconds(options.length + options.warm_up);
    std::printf("  %-28s %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  cpu/call: client %.0f", what.c_str(),
                result.rate, result.p50_ms, result.p99_ms, (OwnCpuSeconds() - own) / calls * 1e6);
    for (std::size_t i = 0; i < before.size(); ++i)
      std::printf(", %s %.0f", Processes()[i].name.c_str(),
                  (CpuSeconds(Processes()[i]) - before[i]) / calls * 1e6);
    std::printf(" us\n");
    if (result.errors > 0 || result.calls == 0)
      throw std::runtime_error(
          absl::StrCat(what, ": ", result.errors, " calls failed; the first: ", result.first_error));
    return result;
  }

  void Seed() {
    std::printf("making %d customers and %d leads\n", options_.customers, options_.leads);
    Fill(options_.customers, "SELECT count(*) FROM guanxi_customer.customer", [this](double seconds) {
      Load<Customers, v1::CreateCustomerRequest, v1::CreateCustomerResponse> load(
          *customers_, &Customers::PrepareAsyncCreateCustomer, [this](auto& request, std::uint64_t) {
            const std::uint64_t n = made_++;
            request.mutable_customer()->set_name(absl::StrCat("Bench Customer ", n));
            request.mutable_customer()->set_industry("Machinery");
            request.mutable_customer()->set_region("East");
            request.mutable_customer()->set_source("bench");
            request.set_request_id(absl::StrCat("customer-", n));
          });
      LoadOptions options = Options(seconds);
      options.warm_up = absl::ZeroDuration();
      return load.Run(options);
    });
    Fill(options_.leads, "SELECT count(*) FROM guanxi_customer.lead", [this](double seconds) {
      LoadOptions options = Options(seconds);
      options.warm_up = absl::ZeroDuration();
      return CaptureLoad().Run(options);
    });
    Drain();
    suite_.Sql(
        absl::StrCat("UPDATE guanxi_customer.lead SET owner_id = ('00000000-0000-7000-8000-' || "
                     "lpad(to_hex(abs(hashtext(id::text)) % ",
                     kOwners,
                     "), 12, '0'))::uuid, state = 'WORKING', "
                     "waiting_since = NULL, waiting_reason = ''"));
    suite_.Sql("VACUUM ANALYZE");
    for (std::string& id : suite_.Sql("SELECT id FROM guanxi_customer.customer"))
      ids_.push_back(std::move(id));
  }
  // Runs `load` for a second at a time until the table has so many rows.
  void Fill(int rows, const std::string& count, const std::function<LoadResult(double)>& load) {
    while (std::stoi(suite_.Sql(count).at(0)) < rows)
      if (const LoadResult result = load(1); result.errors > 0)
        throw std::runtime_error("the data cannot be made: " + result.first_error);
  }

  // Until nothing that the last scenario set in motion is left to do.
  void Drain() {
    const bool done = testing::Eventually(
        [this] {
          usleep(200'000);
          return suite_.Sql("SELECT count(*) FROM guanxi_customer.unsent_event")[0] == "0" &&
                 suite_.Sql(
                     "SELECT count(*) FROM guanxi_customer.job WHERE state <> 'DEAD' AND due_time < now()")
                         [0] == "0";
        },
        std::chrono::minutes(3));
    if (!done) std::printf("  what the captures set in motion was not done after 3 minutes\n");
  }

  std::string CaptureOne() {
    v1::CaptureLeadRequest request;
    FillLead(request, 99, 1);
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token_);
    v1::CaptureLeadResponse response;
    const grpc::Status status = leads_->CaptureLead(&context, request, &response);
    if (!status.ok()) throw std::runtime_error("a lead cannot be captured: " + status.error_message());
    return response.lead().id();
  }

  void StartEcho() {
    v1::GetCustomerRequest request;
    request.set_id(ids_.at(0));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token_);
    v1::GetCustomerResponse response;
    const grpc::Status status = customers_->GetCustomer(&context, request, &response);
    if (!status.ok()) throw std::runtime_error("a customer cannot be read: " + status.error_message());
    std::ofstream(folder_ + "/reply", std::ios::binary) << response.SerializeAsString();
    const std::string address = absl::StrCat("127.0.0.1:", testing::FreePort());
    echo_ = std::make_unique<testing::Process>(
        std::vector<std::string>{options_.self, "--echo-server", address, folder_ + "/reply"},
        folder_ + "/echo.log");
    const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)))
      throw std::runtime_error("the echo server does not answer: " + echo_->Log());
    echo_stub_ = v1::CustomerService::NewStub(channel);
  }

  LoadResult GetFrom(Customers& stub, const std::string& what) {
    Load<Customers, v1::GetCustomerRequest, v1::GetCustomerResponse> load(
        stub, &Customers::PrepareAsyncGetCustomer,
        [this](auto& request, std::uint64_t) { request.set_id(ids_[random_() % ids_.size()]); });
    return Measure(what, load, Options(options_.seconds));
  }
  LoadResult Echo() { return GetFrom(*echo_stub_, "bare gRPC echo"); }
  LoadResult Get() { return GetFrom(*customers_, "get customer"); }
  LoadResult GetJson() {
    JsonLoad load(suite_.gateway(), [this] { return "/v1/customers/" + ids_[random_() % ids_.size()]; });
    return Measure("get customer, JSON", load, Options(options_.seconds));
  }

  Load<Leads, v1::CaptureLeadRequest, v1::CaptureLeadResponse> CaptureLoad() {
    const std::uint64_t run = ++runs_;
    return {*leads_, &Leads::PrepareAsyncCaptureLead,
            [run](v1::CaptureLeadRequest& request, std::uint64_t n) { FillLead(request, run, n); }};
  }
  LoadResult Capture(double offered_per_s) {
    LoadOptions options = Options(options_.seconds);
    options.offered_per_s = offered_per_s;
    if (offered_per_s > 0) options.outstanding = 2048;
    return Measure(offered_per_s > 0 ? "capture lead, open loop" : "capture lead", CaptureLoad(), options);
  }

  LoadResult List() {
    Load<Leads, v1::ListLeadsRequest, v1::ListLeadsResponse> load(
        *leads_, &Leads::PrepareAsyncListLeads, [this](v1::ListLeadsRequest& request, std::uint64_t) {
          request.set_owner_id(OwnerId(static_cast<int>(random_() % kOwners)));
          request.set_page_size(50);
        });
    return Measure("list 50 leads of an owner", load, Options(options_.seconds));
  }

  const BenchOptions options_;
  testing::Suite suite_;
  std::string folder_, token_;
  std::unique_ptr<Customers> customers_, echo_stub_;
  std::unique_ptr<Leads> leads_;
  std::unique_ptr<testing::Process> echo_;
  std::vector<std::string> ids_;
  std::mt19937 random_{1};
  std::uint64_t made_ = 0, runs_ = 0;
};

}  // namespace

std::vector<Figure> RunScenarios(const BenchOptions& options) { return Bench(options).Run(); }

}  // namespace crm::bench
