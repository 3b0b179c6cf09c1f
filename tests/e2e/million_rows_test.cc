// One million rows through the import of the real customer process, over gRPC. Of every 20 rows 2 are new
// leads, 17 are there already (a repeated external id, or the same e-mail again) and 1 is refused: a million
// new ones take as many round trips and the same way through the importer, but several times as long in
// PostgreSQL. The memory of the process must not grow with the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using absl::StrCat;
using namespace customer::v1;  // NOLINT: the test reads better without the package

constexpr int kRows = 1'000'000, kGroup = 20, kNew = 2, kKnown = 17;
constexpr int kWarm = kRows / 2;  // by then the heaps of all threads have their size

// Group g of the file: rows that are new, known and bad, in turn.
std::string Group(int g) {
  std::string rows;
  const auto lead = [&](int n, const char* note) {
    absl::StrAppend(&rows, "m-", n, ",第", n, "号机械有限公司,buyer", n, "@example.com,", note, "\n");
  };
  for (int i = 0; i < kNew; ++i) lead(g * kNew + i, "采购意向");
  // As they were before, here or far back in the file.
  for (int i = 0; i < kKnown - 1; ++i) lead((g * kNew + 1) / (1 << i), "采购意向");
  absl::StrAppend(&rows, ",第", g * kNew, "号机械,buyer", g * kNew, "@example.com,without an external id\n");
  absl::StrAppend(&rows, "bad-", g, ",Acme,nobody,\n");
  return rows;
}

// The resident memory of the process that listens there, in KiB.
std::int64_t ResidentKilobytes(const std::string& address) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ostringstream command;
    command << std::ifstream(entry.path() / "cmdline").rdbuf();
    if (command.str().find("--listen=" + address) == std::string::npos) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

class MillionRows : public ::testing::Test {
 protected:
  // Sends header and file, calling `sent(rows, bytes)` after each chunk; the import as the answer has it.
  template <class Sent>
  Import Upload(Sent sent) {
    const auto stub = ImportService::NewStub(suite_.Channel("customer"));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + suite_.Token({"*"}, kOffice));
    ImportLeadsResponse response;
    const auto writer = stub->ImportLeads(&context, &response);
    ImportLeadsRequest request;
    request.mutable_header()->set_request_id("million");
    request.mutable_header()->set_name("million.csv");
    bool taken = writer->Write(request);
    std::int64_t all_bytes = 0;
    std::string bytes = "external_id,company,email,note\n";
    for (int g = 0; g < kRows / kGroup && taken; ++g) {
      bytes += Group(g);
      if (bytes.size() < 256 * 1024 && g + 1 < kRows / kGroup) continue;
      all_bytes += static_cast<std::int64_t>(bytes.size());
      request.set_chunk(std::move(bytes));
      taken = writer->Write(request);
      bytes.clear();
      sent((g + 1) * kGroup, all_bytes);
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.import();
  }

  const Uuid kOffice = Uuid::New();
  testing::Suite suite_;
  testing::Person office_{suite_, kOffice};
};

TEST_F(MillionRows, ArriveAndLeaveNoTraceInMemory) {
  std::int64_t warm = 0, last = 0, sent_since = 0;
  const Import import = Upload([&](int rows, std::int64_t bytes) {
    if (warm == 0 && rows >= kWarm) {
      warm = ResidentKilobytes(suite_.address("customer"));
      sent_since = -bytes;
    }
    if (rows == kRows) {
      last = ResidentKilobytes(suite_.address("customer"));
      sent_since += bytes;
    }
  });
  constexpr int kGroups = kRows / kGroup;
  EXPECT_EQ(import.state(), IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(import.rows_read(), kRows);
  EXPECT_EQ(import.rows_imported(), kGroups * kNew);
  EXPECT_EQ(import.rows_duplicate(), kGroups * kKnown);
  EXPECT_EQ(import.rows_rejected(), kGroups);
  EXPECT_EQ(import.committed_line(), kRows + 1);
  EXPECT_EQ(suite_.Sql("SELECT count(*), count(DISTINCT external_id) FROM guanxi_customer.lead").at(0),
            StrCat(kGroups * kNew, "|", kGroups * kNew));
  EXPECT_EQ(suite_.Sql("SELECT count(*) FROM guanxi_customer.outbox WHERE type = 'LeadCaptured'").at(0),
            StrCat(kGroups * kNew));

  ASSERT_GT(warm, 0);
  // Heaps settle at their own pace; what must not happen is that they keep what was sent.
  EXPECT_LT(last - warm, sent_since / 1024)
      << last << " KiB after a million rows, " << warm << " KiB after half";
  std::printf("resident: %ld KiB after %d rows, %ld KiB after %d; sent meanwhile: %ld KiB\n", warm, kWarm,
              last, kRows, sent_since / 1024);

  // Every refused row is there, by line, page after page.
  std::int64_t rejects = 0;
  std::string token;
  do {
    const auto page = office_.Asks(&ImportService::Stub::ListImportRejects,
                                   R"(import_id: "$0" page_size: 200 page_token: "$1")", import.id(), token);
    for (const ImportReject& reject : page.rejects()) {
      ASSERT_EQ(reject.line(), ++rejects * kGroup + 1);
      ASSERT_EQ(reject.violations(0).reason(), "MALFORMED");
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(rejects, kGroups);
}

}  // namespace
}  // namespace crm
