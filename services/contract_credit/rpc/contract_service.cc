#include "services/contract_credit/rpc/contract_service.h"

#include "absl/time/clock.h"
#include "common/rpc/fields.h"
#include "services/contract_credit/rpc/from_proto.h"
#include "services/contract_credit/rpc/to_proto.h"

namespace crm::contract {
namespace {

v1::GetContractResponse ToResponse(const Contract& c) {
  v1::GetContractResponse response;
  *response.mutable_contract() = ToProto(c, absl::Now());
  return response;
}

}  // namespace

ContractHandlers::ContractHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads,
                                   rpc::Executor& writes, rpc::Executor& reports)
    : pool_(pool),
      reports_(reports),
      get_contracts_(reads, [&pool](auto requests) { return GetContracts(pool, requests); }),
      update_payment_schedules_(writes,
                                [&work](auto requests) { return UpdatePaymentSchedules(work, requests); }),
      activate_contracts_(writes, [&work](auto requests) { return ActivateContracts(work, requests); }),
      release_credit_holds_(writes, [&work](auto requests) { return ReleaseCreditHolds(work, requests); }),
      record_payments_(writes, [&work](auto requests) { return RecordPayments(work, requests); }),
      reverse_payments_(writes, [&work](auto requests) { return ReversePayments(work, requests); }) {}

void ContractHandlers::Register(rpc::Server& server) {
  server.Unary(
      service_, "GetContract",
      rpc::Read<v1::GetContractRequest, v1::GetContractResponse>(get_contracts_, ToQuery, ToResponse));
  server.Unary(
      service_, "ListContracts",
      rpc::Alone<v1::ListContractsRequest, v1::ListContractsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(
      service_, "UpdatePaymentSchedule",
      rpc::Write<v1::UpdatePaymentScheduleRequest, v1::UpdatePaymentScheduleResponse>(
          update_payment_schedules_, ToCommand, &v1::UpdatePaymentScheduleResponse::mutable_contract));
  server.Unary(service_, "ActivateContract",
               rpc::Write<v1::ActivateContractRequest, v1::ActivateContractResponse>(
                   activate_contracts_, ToCommand, &v1::ActivateContractResponse::mutable_contract));
  server.Unary(service_, "ReleaseCreditHold",
               rpc::Write<v1::ReleaseCreditHoldRequest, v1::ReleaseCreditHoldResponse>(
                   release_credit_holds_, ToCommand, &v1::ReleaseCreditHoldResponse::mutable_contract));
  server.Unary(service_, "RecordPayment",
               rpc::Write<v1::RecordPaymentRequest, v1::RecordPaymentResponse>(
                   record_payments_, ToCommand, &v1::RecordPaymentResponse::mutable_payment));
  server.Unary(service_, "ReversePayment",
               rpc::Write<v1::ReversePaymentRequest, v1::ReversePaymentResponse>(
                   reverse_payments_, ToCommand, &v1::ReversePaymentResponse::mutable_payment));
  server.Unary(
      service_, "ListPayments",
      rpc::Alone<v1::ListPaymentsRequest, v1::ListPaymentsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
}

absl::StatusOr<v1::ListContractsResponse> ContractHandlers::List(const rpc::Context& context,
                                                                 const v1::ListContractsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  const auto query = ToQuery(request, paging, fields);
  if (!query.ok()) return query.status();
  auto contracts = ContractsLike(pool_, context.caller, *query);
  if (!contracts.ok()) return contracts.status();

  v1::ListContractsResponse response;
  response.set_next_page_token(paging.Cut(*contracts, [](const Contract& c) {
    return std::vector<std::string>{std::to_string(absl::ToUnixMicros(c.create_time)), c.id.ToString()};
  }));
  for (const Contract& c : *contracts) *response.add_contracts() = ToProto(c, absl::Now());
  return response;
}

absl::StatusOr<v1::ListPaymentsResponse> ContractHandlers::List(const rpc::Context& context,
                                                                const v1::ListPaymentsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  const auto query = ToQuery(request, paging, fields);
  if (!query.ok()) return query.status();
  auto payments = PaymentsOf(pool_, context.caller, *query);
  if (!payments.ok()) return payments.status();

  v1::ListPaymentsResponse response;
  response.set_next_page_token(paging.Cut(
      *payments, [](const Payment& payment) { return std::vector<std::string>{payment.id.ToString()}; }));
  for (const Payment& payment : *payments) *response.add_payments() = ToProto(payment);
  return response;
}

}  // namespace crm::contract
