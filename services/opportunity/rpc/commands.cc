#include "services/opportunity/rpc/commands.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/base/time_zone.h"
#include "services/opportunity/domain/contact_roles.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

using rpc::Fields;

constexpr std::size_t kKey = 100, kName = 300, kShort = 200, kLong = 2000, kText = 4000;
constexpr int kMaxMinutes = 100'000;
constexpr int kMaxDueDays = 3650;  // as late as a contract lets an instalment fall due

std::optional<absl::CivilDay> Day(Fields& fields, const std::string& field, const std::string& value) {
  absl::CivilDay day;
  const std::string text = fields.Date(field, value);
  if (text.empty() || !absl::ParseCivilTime(text, &day)) return std::nullopt;
  return day;
}

std::int64_t InRange(Fields& fields, const std::string& field, std::int64_t value, std::int64_t min,
                     std::int64_t max) {
  if (value < min || value > max)
    fields.Add(field, value < 0 && min >= 0 ? "NEGATIVE" : "OUT_OF_RANGE",
               absl::StrCat("must be ", min, " to ", max));
  return value;
}

// Not estimated yet is absent, or no currency and no amount.
template <class Message>
std::optional<Money> OptionalAmount(Fields& fields, const std::string& field, bool present,
                                    const Message& money) {
  if (!present || (money.currency_code().empty() && money.minor_units() == 0)) return std::nullopt;
  return fields.Amount(field, money);
}

Details ToDetails(Fields& fields, const std::string& path, const v1::Opportunity& message) {
  const auto at = [&](const char* field) { return path + "." + field; };
  Details d;
  d.name = fields.Line(at("name"), message.name(), kName);
  d.amount = OptionalAmount(fields, at("amount"), message.has_amount(), message.amount());
  d.expected_close = Day(fields, at("expected_close_date"), message.expected_close_date());
  if (const auto grade = FromName<Grade>(message.grade()))
    d.grade = *grade;
  else
    fields.Add(at("grade"), "UNKNOWN_VALUE", "must be A, B, C or empty");
  d.budget = fields.Text(at("budget"), message.budget(), kLong);
  d.need = fields.Text(at("need"), message.need(), kLong);
  d.interest = fields.Text(at("interest"), message.interest(), kLong);
  d.competitors = fields.Text(at("competitors"), message.competitors(), kLong);
  if (message.contacts_size() > 50) fields.Add(at("contacts"), "TOO_MANY", "must have at most 50 entries");
  for (int i = 0; i < std::min(message.contacts_size(), 50); ++i) {
    const std::string contact = absl::StrCat(at("contacts"), "[", i, "]");
    d.contact_roles.push_back(
        {fields.Id(contact + ".contact_id", message.contacts(i).contact_id()), message.contacts(i).role()});
    if (!IsContactRole(message.contacts(i).role()))
      fields.Add(contact + ".role", "UNKNOWN_VALUE",
                 "must be a role in the purchase, such as DECISION_MAKER");
  }
  d.product_ids = fields.Ids(at("product_ids"), message.product_ids(), 50);
  return d;
}

// Without a value when nothing is required: Check says so.
Gate ToGate(const v1::StageGate& message) {
  using enum Gate::Kind;
  switch (message.requirement_case()) {
    case v1::StageGate::kRequiredField:
      return {kRequiredField, message.required_field()};
    case v1::StageGate::kCompletedActivity:
      return {kCompletedActivity, message.completed_activity()};
    case v1::StageGate::kContactRole:
      return {kContactRole, message.contact_role()};
    case v1::StageGate::REQUIREMENT_NOT_SET:
      break;
  }
  return {};
}

}  // namespace

absl::StatusOr<CreateSalesProcess> ToCommand(const v1::CreateSalesProcessRequest& request) {
  Fields fields;
  const v1::SalesProcess& message = request.sales_process();
  CreateSalesProcess command;
  command.key = fields.Line("sales_process.key", message.key(), 50, 1);
  command.name = fields.Line("sales_process.name", message.name(), kShort, 1);
  for (int i = 0; i < message.stages_size(); ++i) {
    const v1::SalesStage& from = message.stages(i);
    const std::string path = absl::StrCat("sales_process.stages[", i, "]");
    Stage& stage = command.stages.emplace_back();
    stage.key = fields.Line(path + ".key", from.key(), 50);
    stage.name = fields.Line(path + ".display_name", from.display_name(), kShort);
    stage.probability_percent = from.probability_percent();
    if (fields.Enum(path + ".forecast_category", from.forecast_category(),
                    v1::ForecastCategory_IsValid(from.forecast_category())))
      stage.forecast = FromEnum<ForecastCategory>(from.forecast_category());
    if (from.gates_size() > 50) fields.Add(path + ".gates", "TOO_MANY", "must have at most 50 entries");
    for (int g = 0; g < std::min(from.gates_size(), 50); ++g) stage.gates.push_back(ToGate(from.gates(g)));
    stage.expected_days = from.expected_days();
    stage.maximum_days = from.maximum_days();
    stage.guidance = fields.Text(path + ".guidance", from.guidance(), kText);
  }
  errors::Violations violations;
  Check(command, "sales_process", violations);
  for (const errors::Violation& v : errors::ViolationsOf(violations.ToStatus()))
    fields.Add(v.field, v.reason, v.description);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<CreateOpportunity> ToCommand(const v1::CreateOpportunityRequest& request) {
  Fields fields;
  const v1::Opportunity& message = request.opportunity();
  CreateOpportunity command;
  command.customer_id = fields.Id("opportunity.customer_id", message.customer_id());
  command.owner_id = fields.OptionalId("opportunity.owner_id", message.owner_id());
  command.org_unit_id = fields.OptionalId("opportunity.org_unit_id", message.org_unit_id());
  command.external_id = fields.Line("opportunity.external_id", message.external_id(), kShort);
  command.source = fields.Line("opportunity.source", message.source(), kKey);
  command.campaign = fields.Line("opportunity.campaign", message.campaign(), kShort);
  command.process_key = fields.Line("process_key", request.process_key(), 50);
  command.details = ToDetails(fields, "opportunity", message);
  if (message.name().empty()) fields.Add("opportunity.name", "REQUIRED", "must not be empty");
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateOpportunity> ToCommand(const v1::UpdateOpportunityRequest& request) {
  Fields fields;
  const v1::Opportunity& message = request.opportunity();
  UpdateOpportunity command;
  command.id = fields.Id("opportunity.id", message.id());
  command.expected_version = fields.Etag("opportunity.etag", message.etag());
  command.details = ToDetails(fields, "opportunity", message);
  const auto mask = fields.Mask("update_mask", request.update_mask(),
                                {"name", "amount", "expected_close_date", "grade", "budget", "need",
                                 "interest", "competitors", "contacts", "product_ids"});
  if (mask.contains("name") && message.name().empty())
    fields.Add("opportunity.name", "REQUIRED", "must not be empty");
  if (!mask.contains("product_ids")) command.details.product_ids.clear();
  for (const std::string& path : mask) {
    if (path == "expected_close_date")
      command.fields.emplace_back("expected_close");
    else
      command.fields.emplace_back(path == "contacts" ? "contact_roles" : path);
  }
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<MoveStage> ToCommand(const v1::MoveStageRequest& request) {
  Fields fields;
  MoveStage command;
  command.id = fields.Id("id", request.id());
  command.stage = fields.Line("stage", request.stage(), 50, 1);
  command.expected_version = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<WinOpportunity> ToCommand(const v1::WinOpportunityRequest& request) {
  Fields fields;
  WinOpportunity command;
  command.id = fields.Id("id", request.id());
  command.reason = fields.Line("reason", request.reason(), kKey, 1);
  command.note = fields.Text("note", request.note(), kLong);
  command.amount = OptionalAmount(fields, "amount", request.has_amount(), request.amount());
  command.expected_version = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<LoseOpportunity> ToCommand(const v1::LoseOpportunityRequest& request) {
  Fields fields;
  LoseOpportunity command;
  command.id = fields.Id("id", request.id());
  command.reason = fields.Line("reason", request.reason(), kKey, 1);
  command.note = fields.Text("note", request.note(), kLong);
  command.competitor = fields.Line("competitor", request.competitor(), kShort);
  command.expected_version = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ScheduleActivity> ToCommand(const v1::ScheduleActivityRequest& request) {
  Fields fields;
  const v1::Activity& message = request.activity();
  Activity plan;
  if (fields.Enum("activity.kind", message.kind(), v1::ActivityKind_IsValid(message.kind()), true))
    plan.kind = FromEnum<Activity::Kind>(message.kind());
  if (fields.Enum("activity.subject_type", message.subject_type(),
                  v1::ActivitySubject_IsValid(message.subject_type()), true))
    plan.subject = FromEnum<Activity::Subject>(message.subject_type());
  plan.subject_id = fields.Id("activity.subject_id", message.subject_id());
  plan.title = fields.Line("activity.title", message.title(), kName, 1);
  plan.note = fields.Text("activity.note", message.note(), kText);
  plan.local_time = message.local_time();
  plan.time_zone = message.time_zone().empty() ? "UTC" : message.time_zone();
  const bool zone_known = IsTimeZone(plan.time_zone);
  if (!zone_known)
    fields.Add("activity.time_zone", "UNKNOWN_TIME_ZONE", "must be an IANA name, such as Asia/Shanghai");
  if (const auto instant = InstantOf(plan.local_time, zone_known ? plan.time_zone : "UTC"))
    plan.start_time = *instant;
  else
    fields.Add("activity.local_time", "MALFORMED",
               "must be a time such as 2026-03-02T09:30:00, in the years 1 to 9999 UTC");
  plan.duration_minutes = static_cast<int>(
      InRange(fields, "activity.duration_minutes", message.duration_minutes(), 0, kMaxMinutes));
  plan.owner_id = fields.OptionalId("activity.owner_id", message.owner_id());
  plan.org_unit_id = fields.OptionalId("activity.org_unit_id", message.org_unit_id());
  if (!fields.status().ok()) return fields.status();
  return ScheduleActivity{std::move(plan)};
}

absl::StatusOr<CompleteActivity> ToCommand(const v1::CompleteActivityRequest& request) {
  Fields fields;
  CompleteActivity command;
  command.id = fields.Id("id", request.id());
  command.outcome = fields.Text("outcome", request.outcome(), kText);
  if (request.outcome().empty()) fields.Add("outcome", "REQUIRED", "must say what came of it");
  command.met_decision_maker = request.met_decision_maker();
  command.spent_minutes =
      static_cast<int>(InRange(fields, "spent_minutes", request.spent_minutes(), 0, kMaxMinutes));
  command.cost = OptionalAmount(fields, "cost", request.has_cost(), request.cost());
  command.expected_version = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<CreateProduct> ToCommand(const v1::CreateProductRequest& request) {
  Fields fields;
  const v1::Product& message = request.product();
  Product product;
  product.code = fields.Line("product.sku", message.sku(), kKey, 1);
  product.name = fields.Line("product.name", message.name(), kName, 1);
  product.series = fields.Line("product.line", message.line(), kShort);
  product.description = fields.Text("product.description", message.description(), kText);
  product.list_price = fields.Amount("product.list_price", message.list_price());
  if (!fields.status().ok()) return fields.status();
  return CreateProduct{std::move(product)};
}

absl::StatusOr<CreateQuote> ToCommand(const v1::CreateQuoteRequest& request) {
  Fields fields;
  const v1::Quote& message = request.quote();
  CreateQuote command;
  command.opportunity_id = fields.Id("quote.opportunity_id", message.opportunity_id());
  command.name = fields.Line("quote.name", message.name(), kName);
  command.currency = message.currency_code();
  if (!IsCurrency(command.currency))
    fields.Add("quote.currency_code", "UNKNOWN_CURRENCY",
               "must be an ISO 4217 code in upper case, such as CNY");
  if (message.lines().empty()) fields.Add("quote.lines", "REQUIRED", "must have at least one line");
  if (message.lines_size() > 500) fields.Add("quote.lines", "TOO_MANY", "must have at most 500 lines");
  for (int i = 0; i < std::min(message.lines_size(), 500); ++i) {
    const v1::QuoteLine& from = message.lines(i);
    const std::string path = absl::StrCat("quote.lines[", i, "]");
    QuoteLine& line = command.lines.emplace_back();
    line.product_id = fields.Id(path + ".product_id", from.product_id());
    line.quantity = InRange(fields, path + ".quantity", from.quantity(), 1, 1'000'000'000);
    line.discount = static_cast<int>(
        InRange(fields, path + ".discount_basis_points", from.discount_basis_points(), 0, kWhole));
    line.tax_rate =
        static_cast<int>(InRange(fields, path + ".tax_basis_points", from.tax_basis_points(), 0, kWhole));
    line.unit_price = -1;
    if (!from.has_unit_price()) continue;
    line.unit_price = fields.Amount(path + ".unit_price", from.unit_price()).minor_units;
    if (from.unit_price().currency_code() != command.currency)
      fields.Add(path + ".unit_price.currency_code", "WRONG_CURRENCY", "must be the quote's currency");
  }
  command.discount = InRange(fields, "quote.discount_minor_units", message.discount_minor_units(), 0,
                             std::numeric_limits<std::int64_t>::max());
  if (message.payment_terms_size() > 120)
    fields.Add("quote.payment_terms", "TOO_MANY", "must have at most 120 entries");
  for (int i = 0; i < std::min(message.payment_terms_size(), 120); ++i) {
    const v1::PaymentTerm& from = message.payment_terms(i);
    const std::string path = absl::StrCat("quote.payment_terms[", i, "]");
    Instalment& part = command.instalments.emplace_back();
    part.share = static_cast<int>(InRange(fields, path + ".basis_points", from.basis_points(), 1, kWhole));
    part.days_after_activation =
        static_cast<int>(InRange(fields, path + ".due_days", from.due_days(), 0, kMaxDueDays));
    part.label = fields.Line(path + ".description", from.description(), kShort);
  }
  if (const auto day = Day(fields, "quote.valid_until_date", message.valid_until_date()))
    command.valid_until = *day;
  else if (message.valid_until_date().empty())
    fields.Add("quote.valid_until_date", "REQUIRED", "must not be empty");
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<SubmitQuote> ToCommand(const v1::SubmitQuoteRequest& request) {
  Fields fields;
  SubmitQuote command{fields.Id("id", request.id()), fields.Etag("etag", request.etag())};
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<AcceptQuote> ToCommand(const v1::AcceptQuoteRequest& request) {
  Fields fields;
  AcceptQuote command;
  command.id = fields.Id("id", request.id());
  command.reason = fields.Line("reason", request.reason(), kKey);
  command.note = fields.Text("note", request.note(), kLong);
  command.expected_version = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<MarkNotificationRead> ToCommand(const v1::MarkNotificationReadRequest& request) {
  Fields fields;
  MarkNotificationRead command{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return command;
}

}  // namespace crm::opportunity
