#include "services/contract_credit/rpc/from_proto.h"

#include "absl/strings/numbers.h"
#include "common/base/time_zone.h"

namespace crm::contract {
namespace {

constexpr int kMaxAllocations = kMaxInstalments;

std::string Path(std::string_view list, int index, std::string_view field) {
  return absl::StrCat(std::string(list), "[", index, "].", std::string(field));
}

std::optional<absl::Time> OptionalTime(rpc::Fields& fields, std::string_view field, bool given,
                                       const google::protobuf::Timestamp& value) {
  return given ? std::optional(fields.Time(field, value)) : std::nullopt;
}

ScheduleLine ToLine(const v1::ScheduleLine& proto, int index, rpc::Fields& fields) {
  ScheduleLine line;
  switch (proto.part_case()) {
    case v1::ScheduleLine::kPercent:
      if (const auto share = ParsePercent(proto.percent()))
        line.part = *share;
      else
        fields.Add(Path("instalments", index, "percent"), "MALFORMED",
                   "must be a number such as 33.34, with at most four digits after the point");
      break;
    case v1::ScheduleLine::kAmount:
      line.part = fields.Amount(Path("instalments", index, "amount"), proto.amount());
      break;
    case v1::ScheduleLine::PART_NOT_SET:
      fields.Add(Path("instalments", index, "part"), "REQUIRED", "give percent or amount");
  }
  const std::string date = fields.Date(Path("instalments", index, "due_date"), proto.due_date());
  absl::CivilDay day;
  if (!date.empty() && absl::ParseCivilTime(date, &day)) line.due.date = day;
  line.due.days_after_activation = proto.days_after_activation();
  line.due.end_of_month = proto.end_of_month();
  if (line.due.date && (proto.days_after_activation() != 0 || proto.end_of_month()))
    fields.Add(Path("instalments", index, "due_date"), "CONFLICT",
               "give a date, or days after the activation, but not both");
  line.description = fields.Line(Path("instalments", index, "description"), proto.description(), 200);
  return line;
}

}  // namespace

absl::StatusOr<UpdatePaymentSchedule> ToCommand(const v1::UpdatePaymentScheduleRequest& request) {
  rpc::Fields fields;
  UpdatePaymentSchedule command;
  command.contract_id = fields.Id("contract_id", request.contract_id());
  if (request.instalments_size() > kMaxInstalments)
    fields.Add("instalments", "TOO_MANY", absl::StrCat("at most ", kMaxInstalments, " instalments"));
  for (int i = 0; i < std::min(request.instalments_size(), kMaxInstalments); ++i)
    command.lines.push_back(ToLine(request.instalments(i), i, fields));
  command.time_zone = fields.Line("time_zone", request.time_zone(), 64);
  if (!command.time_zone.empty() && !IsTimeZone(command.time_zone))
    fields.Add("time_zone", "UNKNOWN_TIME_ZONE", "must be an IANA time zone, such as Asia/Shanghai");
  command.etag = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ActivateContract> ToCommand(const v1::ActivateContractRequest& request) {
  rpc::Fields fields;
  ActivateContract command;
  command.contract_id = fields.Id("contract_id", request.contract_id());
  command.etag = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ReleaseCreditHold> ToCommand(const v1::ReleaseCreditHoldRequest& request) {
  rpc::Fields fields;
  ReleaseCreditHold command;
  command.contract_id = fields.Id("contract_id", request.contract_id());
  command.reason = fields.Line("reason", request.reason(), 1000, 1);
  command.etag = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<RecordPayment> ToCommand(const v1::RecordPaymentRequest& request) {
  rpc::Fields fields;
  RecordPayment command;
  PaymentTerms& terms = command.terms;
  command.contract_id = fields.Id("contract_id", request.contract_id());
  terms.amount = fields.Amount("amount", request.amount());
  terms.received_time =
      OptionalTime(fields, "received_time", request.has_received_time(), request.received_time());
  terms.method = fields.Line("method", request.method(), 50);
  terms.reference = fields.Line("reference", request.reference(), 200);
  if (request.allocations_size() > kMaxAllocations)
    fields.Add("allocations", "TOO_MANY", absl::StrCat("at most ", kMaxAllocations, " allocations"));
  for (int i = 0; i < std::min(request.allocations_size(), kMaxAllocations); ++i) {
    const v1::PaymentAllocation& allocation = request.allocations(i);
    const Money part = fields.Amount(Path("allocations", i, "amount"), allocation.amount());
    if (part.currency != terms.amount.currency)
      fields.Add(Path("allocations", i, "amount.currency_code"), "CURRENCY_MISMATCH",
                 "must be the payment's currency");
    terms.allocations.push_back({allocation.instalment_number(), part.minor_units});
  }
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<ReversePayment> ToCommand(const v1::ReversePaymentRequest& request) {
  rpc::Fields fields;
  ReversePayment command;
  command.contract_id = fields.Id("contract_id", request.contract_id());
  command.payment_id = fields.Id("payment_id", request.payment_id());
  command.reason = fields.Line("reason", request.reason(), 1000, 1);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<SetCreditLimit> ToCommand(const v1::SetCreditLimitRequest& request) {
  rpc::Fields fields;
  SetCreditLimit command;
  command.customer_id = fields.Id("customer_id", request.customer_id());
  command.limit = fields.Amount("limit", request.limit());
  command.expire_time =
      OptionalTime(fields, "limit_expire_time", request.has_limit_expire_time(), request.limit_expire_time());
  command.etag = fields.Etag("etag", request.etag());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<GetContract> ToQuery(const v1::GetContractRequest& request) {
  rpc::Fields fields;
  const GetContract query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<GetCreditAccount> ToQuery(const v1::GetCreditAccountRequest& request) {
  rpc::Fields fields;
  GetCreditAccount query;
  query.customer_id = fields.Id("customer_id", request.customer_id());
  query.currency = request.currency_code();
  if (!IsCurrency(query.currency))
    fields.Add("currency_code", "UNKNOWN_CURRENCY", "must be an ISO 4217 code in upper case, such as CNY");
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<AskCredit> ToQuery(const v1::CheckCreditRequest& request) {
  rpc::Fields fields;
  AskCredit query;
  query.customer_id = fields.Id("customer_id", request.customer_id());
  query.amount = fields.Amount("amount", request.amount());
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<ListContracts> ToQuery(const v1::ListContractsRequest& request, const rpc::Paging& paging,
                                      rpc::Fields& fields) {
  ListContracts query;
  const auto given = [](const Uuid& id) { return id.nil() ? std::nullopt : std::optional(id); };
  query.filter.customer_id = given(fields.OptionalId("customer_id", request.customer_id()));
  query.filter.owner_id = given(fields.OptionalId("owner_id", request.owner_id()));
  query.filter.quote_id = given(fields.OptionalId("quote_id", request.quote_id()));
  if (fields.Enum("state", request.state(), v1::ContractState_IsValid(request.state())))
    query.filter.status = static_cast<ContractStatus>(request.state() - 1);
  query.filter.overdue_only = request.overdue_only();
  query.limit = paging.limit();
  if (!paging.first()) query.after = {paging.TimeAt(0, fields), paging.IdAt(1, fields)};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<ListPayments> ToQuery(const v1::ListPaymentsRequest& request, const rpc::Paging& paging,
                                     rpc::Fields& fields) {
  ListPayments query;
  query.contract_id = fields.Id("contract_id", request.contract_id());
  query.limit = paging.limit();
  query.before = paging.IdAt(0, fields);
  if (!fields.status().ok()) return fields.status();
  return query;
}

}  // namespace crm::contract
