#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "common/rpc/context.h"
#include "common/rpc/executor.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "services/customer/app/lead_importer.h"

namespace crm::customer {

// One call of ImportLeads. Messages are worked on one after another on `imports`; while one is, the next is
// read, and with two in hand the read waits for the commits. Deletes itself.
class UploadReactor final : public grpc::ServerReadReactor<v1::ImportLeadsRequest> {
 public:
  UploadReactor(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& imports,
                grpc::CallbackServerContext& grpc_context, const absl::StatusOr<rpc::Context>& admitted,
                v1::ImportLeadsResponse* response);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  void Work();
  absl::Status Take(const v1::ImportLeadsRequest& message);
  absl::Status TakeEnd();
  void Answer(const absl::Status& status);

  rpc::Executor& imports_;
  grpc::CallbackServerContext& grpc_context_;
  v1::ImportLeadsResponse* response_;
  v1::ImportLeadsRequest incoming_;
  LeadImporter importer_;
  bool begun_ = false;  // used by Work alone, as importer_

  std::mutex mutex_;  // guards the rest
  std::deque<v1::ImportLeadsRequest> in_hand_;
  bool working_ = false, reading_ = false, ended_ = false, answered_ = false, done_ = false;
};

}  // namespace crm::customer
