#include "services/contract_credit/rpc/credit_service.h"

#include "services/contract_credit/rpc/from_proto.h"
#include "services/contract_credit/rpc/to_proto.h"

namespace crm::contract {
namespace {

v1::GetCreditAccountResponse ToResponse(const CreditAccount& account) {
  v1::GetCreditAccountResponse response;
  *response.mutable_account() = ToProto(account);
  return response;
}

}  // namespace

CreditHandlers::CreditHandlers(db::Pool& pool, work::UnitOfWork& work, AskCustomers ask, rpc::Executor& reads,
                               rpc::Executor& writes)
    : get_credit_accounts_(reads, [&pool](auto requests) { return GetCreditAccounts(pool, requests); }),
      check_credit_(reads, [&pool](auto requests) { return AskForCredit(pool, requests); }),
      set_credit_limits_(writes, [&work, &pool, ask = std::move(ask)](auto requests) {
        return SetCreditLimits(work, pool, ask, requests);
      }) {}

void CreditHandlers::Register(rpc::Server& server) {
  server.Unary(service_, "GetCreditAccount",
               rpc::Read<v1::GetCreditAccountRequest, v1::GetCreditAccountResponse>(get_credit_accounts_,
                                                                                    ToQuery, ToResponse));
  server.Unary(service_, "CheckCredit",
               rpc::Read<v1::CheckCreditRequest, v1::CheckCreditResponse>(check_credit_, ToQuery, ToProto));
  server.Unary(service_, "SetCreditLimit",
               rpc::Write<v1::SetCreditLimitRequest, v1::SetCreditLimitResponse>(
                   set_credit_limits_, ToCommand, &v1::SetCreditLimitResponse::mutable_account));
}

}  // namespace crm::contract
