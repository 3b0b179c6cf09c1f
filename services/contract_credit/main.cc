// The contract and credit service: contracts with their payment schedules, payments, credit accounts.
#include "common/service/host.h"
#include "services/contract_credit/events/due.h"
#include "services/contract_credit/events/hear.h"
#include "services/contract_credit/rpc/codecs.h"
#include "services/contract_credit/rpc/contract_service.h"
#include "services/contract_credit/rpc/credit_service.h"

int main(int argc, char** argv) {
  using namespace crm;
  service::Host host({.name = "contract_credit",
                      .purpose = "Contracts, payment schedules, payments and credit.",
                      .hears = {"customer", "opportunity"},
                      .asks = {"customer"}},
                     argc, argv);
  contract::BindCodecs(host.codecs());

  contract::ContractHandlers contracts(host.pool(), host.work(), host.reads(), host.writes(), host.reports());
  contracts.Register(host.server());
  const contract::AskCustomers ask = contract::AskOver(host.Peer("customer"), host.ServiceToken());
  contract::CreditHandlers credit(host.pool(), host.work(), ask, host.reads(), host.writes());
  credit.Register(host.server());

  contract::Hear(host.consumer(), host.work(), host.pool(), ask);
  contract::RunDueJobs(host.scheduler(), host.work());
  return host.Run();
}
