#pragma once
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"
#include "services/opportunity/rpc/opportunity_service.h"

namespace crm::opportunity {

// SalesProcessService and ProductService: how and what is sold. Lives as long as the server.
class CatalogueHandlers {
 public:
  explicit CatalogueHandlers(const Workshop& shop);
  void Register(rpc::Server& server);

 private:
  absl::StatusOr<v1::ListSalesProcessesResponse> List(const rpc::Context& context,
                                                      const v1::ListSalesProcessesRequest& request);
  absl::StatusOr<v1::ListProductsResponse> List(const rpc::Context& context,
                                                const v1::ListProductsRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::WriteCoalescer<CreateSalesProcess> create_process_;
  rpc::WriteCoalescer<CreateProduct> create_product_;
  rpc::Coalescer<Get<SalesProcess>, SalesProcess> get_process_;
  rpc::Coalescer<Get<Product>, Product> get_product_;
  v1::SalesProcessService::AsyncService processes_;
  v1::ProductService::AsyncService products_;
};

}  // namespace crm::opportunity
