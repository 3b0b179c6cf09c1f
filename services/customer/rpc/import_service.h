#pragma once
#include "common/rpc/upload.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "services/customer/app/import_leads.h"
#include "services/customer/app/lead_imports.h"

namespace crm::customer {

// ImportService. ImportLeads is a stream of the callback API. Lives as long as the server.
class ImportHandlers {
 public:
  ImportHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads, rpc::Executor& reports,
                 const rpc::UploadOptions& uploads = {});
  void Register(rpc::Server& server);

 private:
  using Async = v1::ImportService::AsyncService;
  class Service final : public v1::ImportService::WithCallbackMethod_ImportLeads<Async> {
   public:
    explicit Service(ImportHandlers& handlers) : handlers_(handlers) {}
    grpc::ServerReadReactor<v1::ImportLeadsRequest>* ImportLeads(grpc::CallbackServerContext* context,
                                                                 v1::ImportLeadsResponse* response) override {
      return handlers_.uploads_.Accept(*context, *response);
    }

   private:
    ImportHandlers& handlers_;
  };

  absl::StatusOr<v1::ListImportsResponse> List(const rpc::Context& context,
                                               const v1::ListImportsRequest& request);
  absl::StatusOr<v1::ListImportRejectsResponse> ListRejects(const rpc::Context& context,
                                                            const v1::ListImportRejectsRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::Coalescer<GetLeadImport, LeadImport> get_imports_;
  Service service_;
  rpc::Uploads<v1::ImportLeadsRequest, v1::ImportLeadsResponse, LeadImporter> uploads_;
};

}  // namespace crm::customer
