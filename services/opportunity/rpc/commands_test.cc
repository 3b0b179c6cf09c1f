#include "services/opportunity/rpc/commands.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"
#include "google/protobuf/util/json_util.h"

namespace crm::opportunity {
namespace {

using ::testing::UnorderedElementsAreArray;

constexpr char kId[] = "018f3a5e-7c1d-7a3b-9f4e-0123456789ab";

// Parses `json`, in which $ID stands for an id and $LONG for more characters than any field takes.
template <class Request>
absl::Status Refusal(std::string json) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at; (at = json.find(from)) != std::string::npos;) json.replace(at, from.size(), to);
  };
  replace("$ID", kId);
  replace("$LONG", std::string(5000, 'x'));
  Request request;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &request);
  EXPECT_TRUE(parsed.ok()) << json << parsed.ToString();
  return ToCommand(request).status();
}

struct Row {
  const char* name;
  absl::Status (*ask)(std::string);
  const char* json;
  std::vector<std::string> violations;  // "field REASON", all of them
};

class BadInputTest : public ::testing::TestWithParam<Row> {};

TEST_P(BadInputTest, ListsEveryBrokenRule) {
  const absl::Status status = GetParam().ask(GetParam().json);
  std::vector<std::string> found;
  for (const auto& violation : errors::ViolationsOf(status))
    found.push_back(violation.field + " " + violation.reason);
  EXPECT_THAT(found, UnorderedElementsAreArray(GetParam().violations));
}

const Row kRows[] = {
    {"opportunity_empty",
     Refusal<v1::CreateOpportunityRequest>,
     "{}",
     {"opportunity.customer_id REQUIRED", "opportunity.name REQUIRED"}},
    {"opportunity_everything",
     Refusal<v1::CreateOpportunityRequest>,
     R"({"opportunity": {"name": "$LONG", "customerId": "x", "ownerId": "y", "grade": "D",
        "amount": {"currencyCode": "XXY", "minorUnits": -1}, "expectedCloseDate": "2026-02-30",
        "contacts": [{"contactId": "", "role": "KING"}], "productIds": ["z"], "need": "a\u0007"}})",
     {"opportunity.customer_id MALFORMED", "opportunity.owner_id MALFORMED", "opportunity.name TOO_LONG",
      "opportunity.amount.currency_code UNKNOWN_CURRENCY", "opportunity.amount.minor_units NEGATIVE",
      "opportunity.expected_close_date MALFORMED", "opportunity.grade UNKNOWN_VALUE",
      "opportunity.contacts[0].contact_id REQUIRED", "opportunity.contacts[0].role UNKNOWN_VALUE",
      "opportunity.product_ids[0] MALFORMED", "opportunity.need CONTROL_CHARACTER"}},
    {"update_without_mask",
     Refusal<v1::UpdateOpportunityRequest>,
     R"({"opportunity": {"id": "$ID", "etag": "x"}})",
     {"opportunity.etag MALFORMED", "update_mask REQUIRED"}},
    {"update_of_what_moves_by_verbs",
     Refusal<v1::UpdateOpportunityRequest>,
     R"({"opportunity": {"id": "$ID"}, "updateMask": "name,stage"})",
     {"update_mask UNKNOWN_FIELD", "opportunity.name REQUIRED"}},
    {"move",
     Refusal<v1::MoveStageRequest>,
     R"({"etag": "0"})",
     {"id REQUIRED", "stage REQUIRED", "etag MALFORMED"}},
    {"win",
     Refusal<v1::WinOpportunityRequest>,
     R"({"id": "$ID", "amount": {"currencyCode": "CNY", "minorUnits": -1}})",
     {"reason REQUIRED", "amount.minor_units NEGATIVE"}},
    {"lose",
     Refusal<v1::LoseOpportunityRequest>,
     R"({"id": "1", "reason": "$LONG", "note": "$LONG"})",
     {"id MALFORMED", "reason TOO_LONG", "note TOO_LONG"}},
    {"activity",
     Refusal<v1::ScheduleActivityRequest>,
     R"({"activity": {"kind": 99, "localTime": "noon", "durationMinutes": -1}})",
     {"activity.kind UNKNOWN_VALUE", "activity.subject_type REQUIRED", "activity.subject_id REQUIRED",
      "activity.title REQUIRED", "activity.local_time MALFORMED", "activity.duration_minutes NEGATIVE"}},
    {"activity_on_mars",
     Refusal<v1::ScheduleActivityRequest>,
     R"({"activity": {"kind": "ACTIVITY_KIND_CALL", "subjectType": "ACTIVITY_SUBJECT_LEAD", "subjectId": "$ID",
        "title": "t", "localTime": "2026-03-02T09:30:00", "timeZone": "Mars/Olympus"}})",
     {"activity.time_zone UNKNOWN_TIME_ZONE"}},
    {"complete",
     Refusal<v1::CompleteActivityRequest>,
     R"({"id": "$ID", "spentMinutes": 100001})",
     {"outcome REQUIRED", "spent_minutes OUT_OF_RANGE"}},
    {"product",
     Refusal<v1::CreateProductRequest>,
     R"({"product": {"listPrice": {"minorUnits": -5}}})",
     {"product.sku REQUIRED", "product.name REQUIRED", "product.list_price.currency_code UNKNOWN_CURRENCY",
      "product.list_price.minor_units NEGATIVE"}},
    {"quote_empty",
     Refusal<v1::CreateQuoteRequest>,
     "{}",
     {"quote.opportunity_id REQUIRED", "quote.currency_code UNKNOWN_CURRENCY", "quote.lines REQUIRED",
      "quote.valid_until_date REQUIRED"}},
    {"quote_everything",
     Refusal<v1::CreateQuoteRequest>,
     R"({"quote": {"opportunityId": "$ID", "currencyCode": "CNY", "validUntilDate": "soon",
        "lines": [{"productId": "x", "quantity": 0, "discountBasisPoints": 10001, "taxBasisPoints": -1,
                   "unitPrice": {"currencyCode": "USD", "minorUnits": -1}}],
        "discountMinorUnits": -1, "paymentTerms": [{"basisPoints": 0, "dueDays": -1}, {"basisPoints": 1, "dueDays": 3651}]}})",
     {"quote.lines[0].product_id MALFORMED", "quote.lines[0].quantity OUT_OF_RANGE",
      "quote.lines[0].discount_basis_points OUT_OF_RANGE", "quote.lines[0].tax_basis_points NEGATIVE",
      "quote.lines[0].unit_price.minor_units NEGATIVE",
      "quote.lines[0].unit_price.currency_code WRONG_CURRENCY", "quote.discount_minor_units NEGATIVE",
      "quote.payment_terms[0].basis_points OUT_OF_RANGE", "quote.payment_terms[0].due_days NEGATIVE",
      "quote.payment_terms[1].due_days OUT_OF_RANGE", "quote.valid_until_date MALFORMED"}},
    {"process_empty",
     Refusal<v1::CreateSalesProcessRequest>,
     "{}",
     {"sales_process.key REQUIRED", "sales_process.name REQUIRED", "sales_process.stages REQUIRED"}},
    {"process_stage",
     Refusal<v1::CreateSalesProcessRequest>,
     R"({"salesProcess": {"key": "k", "name": "n", "stages": [{"key": "a", "displayName": "A",
        "probabilityPercent": -1, "forecastCategory": 77, "gates": [{}, {"requiredField": "colour"}]}]}})",
     {"sales_process.stages[0].probability_percent OUT_OF_RANGE",
      "sales_process.stages[0].forecast_category UNKNOWN_VALUE", "sales_process.stages[0].gates[0] REQUIRED",
      "sales_process.stages[0].gates[1].required_field UNKNOWN_FIELD"}},
};

INSTANTIATE_TEST_SUITE_P(Opportunity, BadInputTest, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace crm::opportunity
