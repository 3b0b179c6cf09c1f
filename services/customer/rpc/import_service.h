#pragma once
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "services/customer/app/import_leads.h"

namespace crm::customer {

// ImportService. ImportLeads is a stream of the callback API; its files are parsed and committed on a thread
// of their own. Lives as long as the server.
class ImportHandlers {
 public:
  ImportHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads, rpc::Executor& reports);
  void Register(rpc::Server& server);

 private:
  using Async = v1::ImportService::AsyncService;
  class Service final : public v1::ImportService::WithCallbackMethod_ImportLeads<Async> {
   public:
    explicit Service(ImportHandlers& handlers) : handlers_(handlers) {}
    grpc::ServerReadReactor<v1::ImportLeadsRequest>* ImportLeads(grpc::CallbackServerContext* context,
                                                                 v1::ImportLeadsResponse* response) override;

   private:
    ImportHandlers& handlers_;
  };

  absl::StatusOr<v1::ListImportsResponse> List(const rpc::Context& context,
                                               const v1::ListImportsRequest& request);
  absl::StatusOr<v1::ListImportRejectsResponse> ListRejects(const rpc::Context& context,
                                                            const v1::ListImportRejectsRequest& request);

  db::Pool& pool_;
  work::UnitOfWork& work_;
  rpc::Executor& reports_;
  rpc::Coalescer<GetLeadImport, LeadImport> get_imports_;
  const rpc::Gate* gate_ = nullptr;
  std::string permission_;
  Service service_;
  rpc::Executor imports_{"imports", 1, 64};  // last: its tasks end first
};

}  // namespace crm::customer
