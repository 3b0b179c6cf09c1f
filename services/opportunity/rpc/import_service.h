#pragma once
#include "common/rpc/upload.h"
#include "crm/opportunity/v1/import_service.grpc.pb.h"
#include "services/opportunity/app/import_opportunities.h"
#include "services/opportunity/rpc/opportunity_service.h"

namespace crm::opportunity {

// OpportunityImportService. ImportOpportunities is a stream of the callback API. Lives as long as the server.
class ImportHandlers {
 public:
  explicit ImportHandlers(const Workshop& shop, const rpc::UploadOptions& uploads = {});
  void Register(rpc::Server& server);

 private:
  class Service final : public v1::OpportunityImportService::WithCallbackMethod_ImportOpportunities<
                            v1::OpportunityImportService::AsyncService> {
   public:
    explicit Service(ImportHandlers& handlers) : handlers_(handlers) {}
    grpc::ServerReadReactor<v1::ImportOpportunitiesRequest>* ImportOpportunities(
        grpc::CallbackServerContext* context, v1::ImportOpportunitiesResponse* response) override {
      return handlers_.uploads_.Accept(*context, *response);
    }

   private:
    ImportHandlers& handlers_;
  };

  absl::StatusOr<v1::ListImportFindingsResponse> List(const rpc::Context& context,
                                                      const v1::ListImportFindingsRequest& request);

  const Workshop shop_;
  rpc::Coalescer<Get<OpportunityImport>, OpportunityImport> get_;
  Service service_;
  rpc::Uploads<v1::ImportOpportunitiesRequest, v1::ImportOpportunitiesResponse, OpportunityImporter> uploads_;
};

}  // namespace crm::opportunity
