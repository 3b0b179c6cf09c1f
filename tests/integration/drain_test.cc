// SIGTERM while a call is under way: the process takes no new one, the one it has ends well, and so does it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/synchronization/notification.h"
#include "common/db/transaction.h"
#include "common/testing/concurrent.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "tests/integration/raw_stream.h"
#include "tests/support/http.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using namespace customer::v1;  // NOLINT: the messages of the process that drains
using testing::Eventually;

// grpc.health.v1.HealthCheckResponse: field 1, SERVING or NOT_SERVING.
const std::string kServing("\x08\x01", 2), kNotServing("\x08\x02", 2);

constexpr db::Statement kHold = {"test_hold",
                                 "SELECT name FROM guanxi_customer.customer WHERE id = $1 FOR UPDATE"};

// A customer's row in the hands of another transaction.
class HeldRow {
 public:
  HeldRow(const std::string& database_url, const std::string& customer)
      : pool_({.url = database_url, .application = "test", .size = 1}), holder_([this, customer] {
          const absl::Status status =
              db::RunTransaction(pool_, absl::InfiniteFuture(), [&](db::Transaction& tx) {
                EXPECT_EQ(tx.Query(kHold, {customer}).size(), 1u);
                held_.Notify();
                released_.WaitForNotification();
                return absl::OkStatus();
              });
          EXPECT_TRUE(status.ok()) << status;
        }) {
    held_.WaitForNotification();
  }
  ~HeldRow() {
    if (holder_.joinable()) Release();
  }
  void Release() {
    released_.Notify();
    holder_.join();
  }

 private:
  db::Pool pool_;
  absl::Notification held_, released_;
  std::thread holder_;
};

class DrainTest : public ::testing::Test {
 protected:
  // SIGTERM; returns when the service says that it does not serve any more, and refuses.
  void BeginToDrain(const std::string& service) {
    testing::RawStream health(suite_.Channel(service), "/grpc.health.v1.Health/Watch", "");
    ASSERT_EQ(health.Read(), kServing);
    suite_.Signal(service, SIGTERM);
    EXPECT_EQ(health.Read(), kNotServing);
    health.Leave();
    EXPECT_TRUE(Eventually([&] { return NewCall() == grpc::StatusCode::UNAVAILABLE; }));
  }
  grpc::StatusCode NewCall() const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("authorization", "Bearer " + suite_.Token());
    ListCustomersResponse response;
    return CustomerService::NewStub(suite_.Channel("customer"))
        ->ListCustomers(&context, {}, &response)
        .error_code();
  }

  std::string ACustomer() const {
    return office_.Asks(&CustomerService::Stub::CreateCustomer, R"(customer { name: "远山科技" })")
        .customer()
        .id();
  }
  void AwaitSomebodyWhoWaitsForTheRow() const {
    ASSERT_TRUE(Eventually([&] {
      return suite_.Sql(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND application_name = 'guanxi-customer' AND wait_event_type = 'Lock'")[0] == "1";
    }));
  }
  std::string NameOf(const std::string& customer) const {
    return suite_.Sql("SELECT name FROM guanxi_customer.customer WHERE id = '" + customer + "'").at(0);
  }

  testing::Suite suite_;
  const testing::Person office_{suite_, Uuid::New()};
};

TEST_F(DrainTest, ACallThatWaitsForARowEndsWell) {
  const std::string customer = ACustomer();
  HeldRow row(suite_.AdminUrl(), customer);
  auto answer = std::async(std::launch::async, [&] {
    return office_
        .Asks(&CustomerService::Stub::UpdateCustomer,
              R"(customer { id: "$0" name: "远山集团" } update_mask { paths: "name" })", customer)
        .customer()
        .name();
  });
  AwaitSomebodyWhoWaitsForTheRow();
  BeginToDrain("customer");
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(NameOf(customer), "远山科技");
  row.Release();
  EXPECT_EQ(answer.get(), "远山集团");
  EXPECT_EQ(suite_.AwaitEnd("customer"), 0);
  EXPECT_EQ(NameOf(customer), "远山集团");
}

TEST_F(DrainTest, AFileThatIsHalfSentIsTakenToItsEnd) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.AddMetadata("authorization", "Bearer " + suite_.Token());
  const auto stub = ImportService::NewStub(suite_.Channel("customer"));
  ImportLeadsResponse response;
  const auto file = stub->ImportLeads(&context, &response);
  ImportLeadsRequest part;
  part.mutable_header()->set_request_id("half sent");
  part.mutable_header()->set_name("fair.csv");
  ASSERT_TRUE(file->Write(part));
  part.set_chunk("external_id,company\nfair-1,远山科技\nfair-2,Nor");
  ASSERT_TRUE(file->Write(part));
  ASSERT_TRUE(Eventually([&] {
    return suite_.Sql("SELECT count(*) FROM guanxi_customer.lead_import WHERE state = 'RUNNING'")[0] == "1";
  }));
  BeginToDrain("customer");
  part.set_chunk("thwind GmbH\nfair-3,Soleil SA\n");
  EXPECT_TRUE(file->Write(part));
  EXPECT_TRUE(file->WritesDone());
  const grpc::Status status = file->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.import().state(), IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(response.import().rows_imported(), 3);
  EXPECT_EQ(suite_.AwaitEnd("customer"), 0);
  EXPECT_THAT(suite_.Sql("SELECT company FROM guanxi_customer.lead ORDER BY external_id"),
              ::testing::ElementsAre("远山科技", "Northwind GmbH", "Soleil SA"));
}

TEST_F(DrainTest, TheGatewayWaitsForItsAnswer) {
  const std::string customer = ACustomer();
  HeldRow row(suite_.AdminUrl(), customer);
  const std::map<std::string, std::string> token = {{"authorization", "Bearer " + suite_.Token()}};
  auto answer = std::async(std::launch::async, [&] {
    return testing::Http(suite_.gateway(), "PATCH", "/v1/customers/" + customer,
                         R"({"customer":{"name":"远山集团"},"updateMask":"name","requestId":"once"})", token);
  });
  AwaitSomebodyWhoWaitsForTheRow();
  suite_.Signal("gateway", SIGTERM);
  EXPECT_TRUE(Eventually([&] {
    try {
      return testing::Http(suite_.gateway(), "GET", "/healthz").status != 200;
    } catch (const std::exception&) {
      return true;  // it does not listen any more
    }
  }));
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  row.Release();
  const testing::HttpResponse changed = answer.get();
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(suite_.AwaitEnd("gateway"), 0);
  EXPECT_EQ(NameOf(customer), "远山集团");
}

}  // namespace
}  // namespace crm
