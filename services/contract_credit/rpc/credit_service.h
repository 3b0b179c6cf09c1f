#pragma once
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/contract/v1/credit_service.grpc.pb.h"
#include "services/contract_credit/app/read_credit.h"
#include "services/contract_credit/app/set_credit_limit.h"

namespace crm::contract {

// CreditService: proto in, command out; result in, proto out. Lives as long as the server.
class CreditHandlers {
 public:
  CreditHandlers(db::Pool& pool, work::UnitOfWork& work, AskCustomers ask, rpc::Executor& reads,
                 rpc::Executor& writes);
  void Register(rpc::Server& server);

 private:
  rpc::Coalescer<GetCreditAccount, CreditAccount> get_credit_accounts_;
  rpc::Coalescer<AskCredit, CreditAnswer> check_credit_;
  rpc::WriteCoalescer<SetCreditLimit> set_credit_limits_;
  v1::CreditService::AsyncService service_;
};

}  // namespace crm::contract
