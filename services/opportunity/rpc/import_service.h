#pragma once
#include "crm/opportunity/v1/import_service.grpc.pb.h"
#include "services/opportunity/rpc/opportunity_service.h"

namespace crm::opportunity {

// OpportunityImportService. Uploads have a few threads of their own: the next piece is read when the one
// before is committed. Lives as long as the server.
class ImportHandlers {
 public:
  explicit ImportHandlers(const Workshop& shop);
  void Register(rpc::Server& server);

 private:
  class Service final : public v1::OpportunityImportService::WithCallbackMethod_ImportOpportunities<
                            v1::OpportunityImportService::AsyncService> {
   public:
    explicit Service(ImportHandlers& handlers) : handlers_(handlers) {}
    grpc::ServerReadReactor<v1::ImportOpportunitiesRequest>* ImportOpportunities(
        grpc::CallbackServerContext* context, v1::ImportOpportunitiesResponse* response) override;

   private:
    ImportHandlers& handlers_;
  };

  absl::StatusOr<v1::ListImportFindingsResponse> List(const rpc::Context& context,
                                                      const v1::ListImportFindingsRequest& request);

  const Workshop shop_;
  const rpc::Gate* gate_ = nullptr;
  rpc::Executor uploads_;
  rpc::Coalescer<Get<OpportunityImport>, OpportunityImport> get_;
  Service service_;
};

}  // namespace crm::opportunity
