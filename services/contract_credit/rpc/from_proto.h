#pragma once
#include "absl/status/statusor.h"
#include "common/rpc/fields.h"
#include "crm/contract/v1/contract_service.pb.h"
#include "crm/contract/v1/credit_service.pb.h"
#include "services/contract_credit/app/activate_contract.h"
#include "services/contract_credit/app/read_contracts.h"
#include "services/contract_credit/app/read_credit.h"
#include "services/contract_credit/app/record_payment.h"
#include "services/contract_credit/app/release_credit_hold.h"
#include "services/contract_credit/app/reverse_payment.h"
#include "services/contract_credit/app/set_credit_limit.h"
#include "services/contract_credit/app/update_payment_schedule.h"

// Proto in, commands and queries out: INVALID_ARGUMENT with every violation of the form.
namespace crm::contract {

absl::StatusOr<UpdatePaymentSchedule> ToCommand(const v1::UpdatePaymentScheduleRequest& request);
absl::StatusOr<ActivateContract> ToCommand(const v1::ActivateContractRequest& request);
absl::StatusOr<ReleaseCreditHold> ToCommand(const v1::ReleaseCreditHoldRequest& request);
absl::StatusOr<RecordPayment> ToCommand(const v1::RecordPaymentRequest& request);
absl::StatusOr<ReversePayment> ToCommand(const v1::ReversePaymentRequest& request);
absl::StatusOr<SetCreditLimit> ToCommand(const v1::SetCreditLimitRequest& request);

absl::StatusOr<GetContract> ToQuery(const v1::GetContractRequest& request);
absl::StatusOr<GetCreditAccount> ToQuery(const v1::GetCreditAccountRequest& request);
absl::StatusOr<AskCredit> ToQuery(const v1::CheckCreditRequest& request);
absl::StatusOr<ListContracts> ToQuery(const v1::ListContractsRequest& request, const rpc::Paging& paging,
                                      rpc::Fields& fields);
absl::StatusOr<ListPayments> ToQuery(const v1::ListPaymentsRequest& request, const rpc::Paging& paging,
                                     rpc::Fields& fields);

}  // namespace crm::contract
