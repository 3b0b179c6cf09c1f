#pragma once
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "services/contract_credit/app/activate_contract.h"
#include "services/contract_credit/app/read_contracts.h"
#include "services/contract_credit/app/record_payment.h"
#include "services/contract_credit/app/release_credit_hold.h"
#include "services/contract_credit/app/reverse_payment.h"
#include "services/contract_credit/app/update_payment_schedule.h"

namespace crm::contract {

// ContractService: proto in, command out; result in, proto out. Lives as long as the server.
class ContractHandlers {
 public:
  ContractHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads, rpc::Executor& writes,
                   rpc::Executor& reports);
  void Register(rpc::Server& server);

 private:
  absl::StatusOr<v1::ListContractsResponse> List(const rpc::Context& context,
                                                 const v1::ListContractsRequest& request);
  absl::StatusOr<v1::ListPaymentsResponse> List(const rpc::Context& context,
                                                const v1::ListPaymentsRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::Coalescer<GetContract, Contract> get_contracts_;
  rpc::WriteCoalescer<UpdatePaymentSchedule> update_payment_schedules_;
  rpc::WriteCoalescer<ActivateContract> activate_contracts_;
  rpc::WriteCoalescer<ReleaseCreditHold> release_credit_holds_;
  rpc::WriteCoalescer<RecordPayment> record_payments_;
  rpc::WriteCoalescer<ReversePayment> reverse_payments_;
  v1::ContractService::AsyncService service_;
};

}  // namespace crm::contract
