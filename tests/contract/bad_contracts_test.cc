// What is refused of contracts, payments and credit, and that nothing changes; and the parts that only look
// as if they did not add up.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "crm/contract/v1/contract_service.pb.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

constexpr Row kRows[] = {
    // The payment schedule
    {"ContractService.UpdatePaymentSchedule", "contract_id: '$contract'", kInvalid, "instalments",
     "REQUIRED"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '100' due_date: '2020-01-01' }", kInvalid,
     "instalments[0].due_date", "PAST_DATE"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '100' due_date: '2030-02-30' }", kInvalid,
     "instalments[0].due_date", "MALFORMED"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '33.33' } instalments { percent: '33.33' }"
     " instalments { percent: '33.33' }",
     kInvalid, "instalments", "PERCENTAGES_NOT_100"},
    {"ContractService.UpdatePaymentSchedule", "contract_id: '$contract' instalments { percent: 'a third' }",
     kInvalid, "instalments[0].percent", "MALFORMED"},
    {"ContractService.UpdatePaymentSchedule", "contract_id: '$contract' instalments { percent: '-100' }",
     kInvalid, "instalments[0].percent", "MALFORMED"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { amount { currency_code: 'CNY' minor_units: 5000 } }"
     " instalments { amount { currency_code: 'CNY' minor_units: 5002 } }",
     kInvalid, "instalments", "AMOUNTS_NOT_TOTAL"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { amount { currency_code: 'CNY' minor_units: 9223372036854775807 "
     "} }",
     kInvalid, "instalments[0].amount.minor_units", "OUT_OF_RANGE"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { amount { currency_code: 'CNY' minor_units: -1 } }", kInvalid,
     "instalments[0].amount.minor_units", "NEGATIVE"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { amount { currency_code: 'EUR' minor_units: 10001 } }", kInvalid,
     "instalments[0].amount.currency_code", "CURRENCY_MISMATCH"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '50' }"
     " instalments { amount { currency_code: 'CNY' minor_units: 5001 } }",
     kInvalid, "instalments", "MIXED_PARTS"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '100' days_after_activation: 3651 }", kInvalid,
     "instalments[0].days_after_activation", "OUT_OF_RANGE"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '100' } time_zone: 'Mars/Olympus'", kInvalid,
     "time_zone", "UNKNOWN_TIME_ZONE"},
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$contract' instalments { percent: '100' } etag: '999'", kAborted, "etag", "STALE_ETAG"},
    {"ContractService.UpdatePaymentSchedule", "contract_id: '$active' instalments { percent: '100' }",
     kPrecondition, "state", "ILLEGAL_STATE_MOVE"},
    {"ContractService.UpdatePaymentSchedule", "contract_id: '$nobody' instalments { percent: '100' }",
     kNotFound, "contract_id", "CONTRACT_NOT_FOUND"},
    // In and out of force
    {"ContractService.ActivateContract", "contract_id: '$active'", kPrecondition, "state",
     "ILLEGAL_STATE_MOVE"},
    {"ContractService.ActivateContract", "contract_id: '$contract' etag: '999'", kAborted, "etag",
     "STALE_ETAG"},
    {"ContractService.ActivateContract", "contract_id: 'C-1'", kInvalid, "contract_id", "MALFORMED"},
    {"ContractService.ReleaseCreditHold", "contract_id: '$contract'", kInvalid, "reason", "REQUIRED"},
    {"ContractService.ReleaseCreditHold", "contract_id: '$contract' reason: 'r'", kPrecondition, "state",
     "ILLEGAL_STATE_MOVE"},
    // Money
    {"ContractService.RecordPayment",
     "contract_id: '$contract' amount { currency_code: 'CNY' minor_units: 1 }", kPrecondition, "state",
     "ILLEGAL_STATE_MOVE"},
    {"ContractService.RecordPayment", "contract_id: '$active' amount { currency_code: 'CNY' }", kInvalid,
     "amount.minor_units", "NOT_POSITIVE"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: -1 }", kInvalid, "amount.minor_units",
     "NEGATIVE"},
    {"ContractService.RecordPayment", "contract_id: '$active' amount { currency_code: 'EUR' minor_units: 1 }",
     kInvalid, "amount.currency_code", "CURRENCY_MISMATCH"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 9223372036854775807 }", kInvalid,
     "amount.minor_units", "OUT_OF_RANGE"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 1 }"
     " received_time { seconds: 4102444800 }",
     kInvalid, "received_time", "FUTURE_TIME"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 1 }"
     " allocations { instalment_number: 9 amount { currency_code: 'CNY' minor_units: 1 } }",
     kInvalid, "allocations[0].instalment_number", "UNKNOWN_INSTALMENT"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 20000 }"
     " allocations { instalment_number: 1 amount { currency_code: 'CNY' minor_units: 10001 } }",
     kInvalid, "allocations[0].amount.minor_units", "EXCEEDS_OUTSTANDING"},
    {"ContractService.RecordPayment",
     "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 1 }"
     " allocations { instalment_number: 1 amount { currency_code: 'CNY' minor_units: 2 } }",
     kInvalid, "allocations[0].amount.minor_units", "EXCEEDS_PAYMENT"},
    {"ContractService.ReversePayment", "contract_id: '$active' payment_id: '$payment'", kInvalid, "reason",
     "REQUIRED"},
    {"ContractService.ReversePayment", "contract_id: '$active' payment_id: '$nobody' reason: 'r'", kNotFound,
     "payment_id", "PAYMENT_NOT_FOUND"},
    {"ContractService.ReversePayment", "contract_id: '$active' payment_id: '$reversed' reason: 'r'",
     kPrecondition, "payment_id", "PAYMENT_ALREADY_REVERSED"},
    // Credit
    {"CreditService.SetCreditLimit",
     "customer_id: '$customer' limit { currency_code: 'CNY' minor_units: -1 }", kInvalid, "limit.minor_units",
     "NEGATIVE"},
    {"CreditService.SetCreditLimit", "customer_id: '$customer' limit { currency_code: 'cny' minor_units: 1 }",
     kInvalid, "limit.currency_code", "UNKNOWN_CURRENCY"},
    {"CreditService.SetCreditLimit",
     "customer_id: '$customer' limit { currency_code: 'CNY' minor_units: 1 } limit_expire_time { seconds: 1 "
     "}",
     kInvalid, "limit_expire_time", "PAST_TIME"},
    {"CreditService.SetCreditLimit", "customer_id: '$nobody' limit { currency_code: 'CNY' minor_units: 1 }",
     kNotFound, "customer_id", "CUSTOMER_NOT_FOUND"},
    {"CreditService.SetCreditLimit",
     "customer_id: '$customer' limit { currency_code: 'CNY' minor_units: 1 } etag: '999'", kAborted, "etag",
     "STALE_ETAG"},
    {"CreditService.SetCreditLimit",
     "customer_id: '$customer' limit { currency_code: 'CNY' minor_units: 1 } request_id: 'used'", kInvalid,
     "request_id", "REQUEST_ID_REUSED"},
    {"CreditService.CheckCredit", "customer_id: '$customer' amount { minor_units: 1 }", kInvalid,
     "amount.currency_code", "UNKNOWN_CURRENCY"},
};

TEST_F(BadInput, OfContractsAndMoneyIsRefusedByName) { ExpectRefused(kRows); }

// 33.34 + 33.33 + 33.33 of 100.01: to the cent, and so does every other division of a whole.
TEST_F(BadInput, WhatOnlyLooksBadIsTakenAndAddsUpToTheCent) {
  struct Schedule {
    const char* lines;
    std::vector<std::int64_t> parts;
  };
  const Schedule schedules[] = {
      {"instalments { percent: '33.34' } instalments { percent: '33.33' } instalments { percent: '33.33' }",
       {3335, 3333, 3333}},
      {"instalments { percent: '33.3333' } instalments { percent: '33.3333' }"
       " instalments { percent: '33.3334' }",
       {3334, 3333, 3334}},
      {"instalments { percent: '50' } instalments { percent: '50' }", {5001, 5000}},
      {"instalments { amount { currency_code: 'CNY' minor_units: 1 } }"
       " instalments { amount { currency_code: 'CNY' minor_units: 10000 } }",
       {1, 10000}},
  };
  const auto* method = Find("ContractService.UpdatePaymentSchedule");
  for (const Schedule& schedule : schedules) {
    SCOPED_TRACE(schedule.lines);
    contract::v1::UpdatePaymentScheduleRequest request;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        Expand(std::string("contract_id: '$contract' ") + schedule.lines), &request));
    AddRequestId(request);
    contract::v1::UpdatePaymentScheduleResponse response;
    const grpc::Status taken = Call(*method, request, Bearer(), &response);
    ASSERT_TRUE(taken.ok()) << taken.error_message();
    std::vector<std::int64_t> parts;
    for (const auto& part : response.contract().instalments()) parts.push_back(part.amount().minor_units());
    EXPECT_EQ(parts, schedule.parts);
  }
}

}  // namespace
}  // namespace crm::testing
