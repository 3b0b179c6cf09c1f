#include "services/customer/rpc/import_service.h"

#include "common/rpc/fields.h"
#include "services/customer/rpc/import_converters.h"
#include "services/customer/rpc/upload_reactor.h"

namespace crm::customer {
namespace {

constexpr char kImportLeads[] = "/crm.customer.v1.ImportService/ImportLeads";

absl::StatusOr<GetLeadImport> ToQuery(const v1::GetImportRequest& request) {
  rpc::Fields fields;
  GetLeadImport query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

v1::GetImportResponse ToResponse(const LeadImport& import) {
  v1::GetImportResponse response;
  *response.mutable_import() = ToProto(import);
  return response;
}

}  // namespace

ImportHandlers::ImportHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads,
                               rpc::Executor& reports)
    : pool_(pool),
      work_(work),
      reports_(reports),
      get_imports_(reads, [&pool](auto requests) { return GetLeadImports(pool, requests); }),
      service_(*this) {}

void ImportHandlers::Register(rpc::Server& server) {
  gate_ = &server.gate();
  permission_ = rpc::Gate::PermissionOf(kImportLeads);
  server.Unary(service_, "GetImport", &Async::RequestGetImport,
               rpc::Read<v1::GetImportRequest, v1::GetImportResponse>(get_imports_, ToQuery, ToResponse));
  server.Unary(
      service_, "ListImports", &Async::RequestListImports,
      rpc::Alone<v1::ListImportsRequest, v1::ListImportsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(service_, "ListImportRejects", &Async::RequestListImportRejects,
               rpc::Alone<v1::ListImportRejectsRequest, v1::ListImportRejectsResponse>(
                   reports_, [this](const auto& context, const auto& request) {
                     return ListRejects(context, request);
                   }));
}

grpc::ServerReadReactor<v1::ImportLeadsRequest>* ImportHandlers::Service::ImportLeads(
    grpc::CallbackServerContext* context, v1::ImportLeadsResponse* response) {
  const auto admitted = handlers_.gate_->Admit(context->client_metadata(), context->deadline(), kImportLeads,
                                               handlers_.permission_);
  return new UploadReactor(handlers_.pool_, handlers_.work_, handlers_.imports_, *context, admitted,
                           response);
}

absl::StatusOr<v1::ListImportsResponse> ImportHandlers::List(const rpc::Context& context,
                                                             const v1::ListImportsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  if (!fields.status().ok()) return fields.status();
  ListLeadImports query;
  query.limit = paging.limit();
  if (!paging.position().empty()) {
    query.before_time = absl::FromUnixMicros(std::atoll(paging.position()[0].c_str()));
    query.before_id = Uuid::Parse(paging.position()[1]).value_or(Uuid());
  }
  auto imports = ListImports(pool_, {context.caller, query, {}});
  if (!imports.ok()) return imports.status();
  v1::ListImportsResponse response;
  response.set_next_page_token(paging.Cut(*imports, [](const LeadImport& import) {
    return std::vector<std::string>{std::to_string(absl::ToUnixMicros(import.create_time)),
                                    import.id.ToString()};
  }));
  for (const LeadImport& import : *imports) *response.add_imports() = ToProto(import);
  return response;
}

absl::StatusOr<v1::ListImportRejectsResponse> ImportHandlers::ListRejects(
    const rpc::Context& context, const v1::ListImportRejectsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  ListRejectedRows query;
  query.import_id = fields.Id("import_id", request.import_id());
  query.limit = paging.limit();
  if (!fields.status().ok()) return fields.status();
  if (!paging.position().empty()) query.after_line = std::atoll(paging.position()[0].c_str());
  auto rows = RejectedRows(pool_, {context.caller, query, {}});
  if (!rows.ok()) return rows.status();
  v1::ListImportRejectsResponse response;
  response.set_next_page_token(paging.Cut(
      *rows, [](const RejectedRow& row) { return std::vector<std::string>{std::to_string(row.line)}; }));
  for (const RejectedRow& row : *rows) *response.add_rejects() = ToProto(row);
  return response;
}

}  // namespace crm::customer
