#include "services/opportunity/rpc/catalogue_service.h"

#include "services/opportunity/app/create_product.h"
#include "services/opportunity/app/create_sales_process.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {
namespace {

v1::GetSalesProcessResponse ToProcess(const SalesProcess& process) {
  v1::GetSalesProcessResponse response;
  *response.mutable_sales_process() = ToMessage(process);
  return response;
}

v1::GetProductResponse ToProduct(const Product& product) {
  v1::GetProductResponse response;
  *response.mutable_product() = ToMessage(product);
  return response;
}

}  // namespace

CatalogueHandlers::CatalogueHandlers(const Workshop& shop)
    : pool_(shop.pool),
      reports_(shop.reports),
      create_process_(shop.writes, [&work = shop.unit](auto set) { return CreateSalesProcesses(work, set); }),
      create_product_(shop.writes, [&work = shop.unit](auto set) { return CreateProducts(work, set); }),
      get_process_(shop.reads, [&pool = shop.pool](auto set) { return GetSalesProcesses(pool, set); }),
      get_product_(shop.reads, [&pool = shop.pool](auto set) { return GetProducts(pool, set); }) {}

void CatalogueHandlers::Register(rpc::Server& server) {
  using namespace v1;
  server.Unary(processes_, "CreateSalesProcess",
               rpc::Write<CreateSalesProcessRequest, CreateSalesProcessResponse>(
                   create_process_, ToCommand, &CreateSalesProcessResponse::mutable_sales_process));
  server.Unary(processes_, "GetSalesProcess",
               rpc::Read<GetSalesProcessRequest, GetSalesProcessResponse>(
                   get_process_, ToQuery<opportunity::SalesProcess, GetSalesProcessRequest>, ToProcess));
  server.Unary(
      processes_, "ListSalesProcesses",
      rpc::Alone<ListSalesProcessesRequest, ListSalesProcessesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(products_, "CreateProduct",
               rpc::Write<CreateProductRequest, CreateProductResponse>(
                   create_product_, ToCommand, &CreateProductResponse::mutable_product));
  server.Unary(products_, "GetProduct",
               rpc::Read<GetProductRequest, GetProductResponse>(
                   get_product_, ToQuery<opportunity::Product, GetProductRequest>, ToProduct));
  server.Unary(
      products_, "ListProducts",
      rpc::Alone<ListProductsRequest, ListProductsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
}

absl::StatusOr<v1::ListSalesProcessesResponse> CatalogueHandlers::List(
    const rpc::Context& context, const v1::ListSalesProcessesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  const std::string key = fields.Line("key", request.key(), 50);
  if (!fields.status().ok()) return fields.status();
  auto found = SalesProcessesOf(pool_, context.caller, key, page);
  if (!found.ok()) return found.status();
  v1::ListSalesProcessesResponse response;
  response.set_next_page_token(paging.Cut(*found, ByCreation<SalesProcess>));
  for (const SalesProcess& process : *found) *response.add_sales_processes() = ToMessage(process);
  return response;
}

absl::StatusOr<v1::ListProductsResponse> CatalogueHandlers::List(const rpc::Context& context,
                                                                 const v1::ListProductsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  if (!fields.status().ok()) return fields.status();
  auto found = AllProducts(pool_, context.caller, page);
  if (!found.ok()) return found.status();
  v1::ListProductsResponse response;
  response.set_next_page_token(paging.Cut(*found, ByCreation<Product>));
  for (const Product& product : *found) *response.add_products() = ToMessage(product);
  return response;
}

}  // namespace crm::opportunity
