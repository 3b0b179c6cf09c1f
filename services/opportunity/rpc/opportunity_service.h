#pragma once
#include "common/rpc/server.h"
#include "common/work/unit_of_work.h"
#include "crm/opportunity/v1/opportunity_service.grpc.pb.h"
#include "services/opportunity/app/reads.h"
#include "services/opportunity/clients/peers.h"
#include "services/opportunity/rpc/messages.h"

namespace crm::opportunity {

// What the handlers of this service work with.
struct Workshop {
  db::Pool& pool;
  work::UnitOfWork& unit;
  const Peers& peers;
  rpc::Executor &reads, &writes, &reports;
};

// OpportunityService: proto in, command out; result in, proto out. Lives as long as the server.
class OpportunityHandlers {
 public:
  explicit OpportunityHandlers(const Workshop& shop);
  void Register(rpc::Server& server);

 private:
  absl::StatusOr<v1::ListOpportunitiesResponse> List(const rpc::Context& context,
                                                     const v1::ListOpportunitiesRequest& request);
  absl::StatusOr<v1::ListStageMovesResponse> List(const rpc::Context& context,
                                                  const v1::ListStageMovesRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::WriteCoalescer<CreateOpportunity> create_;
  rpc::WriteCoalescer<UpdateOpportunity> update_;
  rpc::WriteCoalescer<MoveStage> move_;
  rpc::WriteCoalescer<WinOpportunity> win_;
  rpc::WriteCoalescer<LoseOpportunity> lose_;
  rpc::Coalescer<Get<Opportunity>, Opportunity> get_;
  v1::OpportunityService::AsyncService service_;
};

}  // namespace crm::opportunity
