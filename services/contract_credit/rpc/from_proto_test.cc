#include "services/contract_credit/rpc/from_proto.h"

#include <functional>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace crm::contract {
namespace {

using testing::HasViolation;
using testing::IsOk;

constexpr char kId[] = "01990000-0000-7000-8000-000000000001";

v1::UpdatePaymentScheduleRequest Schedule() {
  v1::UpdatePaymentScheduleRequest request;
  request.set_contract_id(kId);
  request.set_time_zone("Asia/Shanghai");
  for (const char* percent : {"33.34", "33.33", "33.33"}) request.add_instalments()->set_percent(percent);
  request.mutable_instalments(0)->set_due_date("2027-01-31");
  request.set_etag("3");
  return request;
}

v1::RecordPaymentRequest Payment() {
  v1::RecordPaymentRequest request;
  request.set_contract_id(kId);
  request.mutable_amount()->set_currency_code("CNY");
  request.mutable_amount()->set_minor_units(500);
  v1::PaymentAllocation& allocation = *request.add_allocations();
  allocation.set_instalment_number(2);
  *allocation.mutable_amount() = request.amount();
  return request;
}

v1::SetCreditLimitRequest Limit() {
  v1::SetCreditLimitRequest request;
  request.set_customer_id(kId);
  request.mutable_limit()->set_currency_code("EUR");
  request.mutable_limit()->set_minor_units(0);
  return request;
}

TEST(FromProto, TakesWhatIsSound) {
  const auto schedule = ToCommand(Schedule());
  ASSERT_THAT(schedule, IsOk());
  EXPECT_EQ(std::get<Share>(schedule->lines[0].part).millionths, 333'400);
  EXPECT_EQ(schedule->lines[0].due.date, absl::CivilDay(2027, 1, 31));
  EXPECT_EQ(schedule->etag, 3);
  const auto payment = ToCommand(Payment());
  ASSERT_THAT(payment, IsOk());
  EXPECT_EQ(payment->terms.allocations[0], (Allocation{2, 500}));
  EXPECT_FALSE(payment->terms.received_time);
  EXPECT_THAT(ToCommand(Limit()), IsOk());
}

template <class Request>
struct BadInput {
  std::function<void(Request&)> edit;
  const char *field, *reason;
};

template <class Request>
void ExpectRefused(const Request& sound, const std::vector<BadInput<Request>>& inputs) {
  for (const BadInput<Request>& input : inputs) {
    Request request = sound;
    input.edit(request);
    EXPECT_THAT(ToCommand(request), HasViolation(input.field, input.reason)) << request.ShortDebugString();
  }
}

TEST(FromProto, RefusesBadSchedules) {
  using Request = v1::UpdatePaymentScheduleRequest;
  ExpectRefused<Request>(
      Schedule(),
      {
          {[](Request& r) { r.set_contract_id("7"); }, "contract_id", "MALFORMED"},
          {[](Request& r) { r.clear_contract_id(); }, "contract_id", "REQUIRED"},
          {[](Request& r) { r.set_etag("old"); }, "etag", "MALFORMED"},
          {[](Request& r) { r.set_time_zone("Mars/Olympus"); }, "time_zone", "UNKNOWN_TIME_ZONE"},
          {[](Request& r) { r.set_time_zone("right/Asia/Shanghai"); }, "time_zone", "UNKNOWN_TIME_ZONE"},
          {[](Request& r) { r.set_time_zone("../../etc/localtime"); }, "time_zone", "UNKNOWN_TIME_ZONE"},
          {[](Request& r) { r.mutable_instalments(1)->set_percent("a third"); }, "instalments[1].percent",
           "MALFORMED"},
          {[](Request& r) { r.mutable_instalments(1)->set_percent("-5"); }, "instalments[1].percent",
           "MALFORMED"},
          {[](Request& r) { r.mutable_instalments(1)->clear_part(); }, "instalments[1].part", "REQUIRED"},
          {[](Request& r) { r.mutable_instalments(0)->set_due_date("2027-02-30"); },
           "instalments[0].due_date", "MALFORMED"},
          {[](Request& r) { r.mutable_instalments(0)->set_end_of_month(true); }, "instalments[0].due_date",
           "CONFLICT"},
          {[](Request& r) { r.mutable_instalments(2)->mutable_amount()->set_currency_code("XYZ"); },
           "instalments[2].amount.currency_code", "UNKNOWN_CURRENCY"},
          {[](Request& r) { r.mutable_instalments(2)->set_description(std::string(201, 'x')); },
           "instalments[2].description", "TOO_LONG"},
          {[](Request& r) {
             for (int i = 0; i < 200; ++i) r.add_instalments()->set_percent("1");
           },
           "instalments", "TOO_MANY"},
      });
}

TEST(FromProto, RefusesBadPaymentsAndLimits) {
  using Pay = v1::RecordPaymentRequest;
  ExpectRefused<Pay>(
      Payment(),
      {
          {[](Pay& r) { r.clear_amount(); }, "amount.currency_code", "UNKNOWN_CURRENCY"},
          {[](Pay& r) { r.mutable_amount()->set_currency_code("cny"); }, "amount.currency_code",
           "UNKNOWN_CURRENCY"},
          {[](Pay& r) { r.mutable_amount()->set_minor_units(-1); }, "amount.minor_units", "NEGATIVE"},
          {[](Pay& r) { r.mutable_amount()->set_currency_code("EUR"); },
           "allocations[0].amount.currency_code", "CURRENCY_MISMATCH"},
          {[](Pay& r) { r.mutable_received_time()->set_nanos(-5); }, "received_time", "MALFORMED"},
          {[](Pay& r) { r.set_reference(std::string(201, 'x')); }, "reference", "TOO_LONG"},
      });
  using Set = v1::SetCreditLimitRequest;
  ExpectRefused<Set>(
      Limit(), {
                   {[](Set& r) { r.mutable_limit()->set_minor_units(-1); }, "limit.minor_units", "NEGATIVE"},
                   {[](Set& r) { r.set_customer_id("me"); }, "customer_id", "MALFORMED"},
               });
  v1::ReleaseCreditHoldRequest release;
  release.set_contract_id(kId);
  EXPECT_THAT(ToCommand(release), HasViolation("reason", "REQUIRED"));
}

TEST(FromProto, NamesAllViolationsAtOnce) {
  v1::RecordPaymentRequest request;
  request.mutable_amount()->set_minor_units(-5);
  const absl::Status refused = ToCommand(request).status();
  EXPECT_THAT(refused, HasViolation("contract_id", "REQUIRED"));
  EXPECT_THAT(refused, HasViolation("amount.currency_code", "UNKNOWN_CURRENCY"));
  EXPECT_THAT(refused, HasViolation("amount.minor_units", "NEGATIVE"));
}

}  // namespace
}  // namespace crm::contract
