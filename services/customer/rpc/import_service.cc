#include "services/customer/rpc/import_service.h"

#include "common/rpc/fields.h"
#include "services/customer/rpc/import_converters.h"

namespace crm::customer {
namespace {

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
                               rpc::Executor& reports, const rpc::UploadOptions& uploads)
    : pool_(pool),
      reports_(reports),
      get_imports_(reads, [&pool](auto requests) { return GetLeadImports(pool, requests); }),
      service_(*this),
      uploads_(
          "/crm.customer.v1.ImportService/ImportLeads", uploads,
          [&work](const work::Caller& caller,
                  const v1::ImportLeadsHeader& header) -> absl::StatusOr<std::unique_ptr<LeadImporter>> {
            auto upload = ToUpload(header);
            if (!upload.ok()) return upload.status();
            return std::make_unique<LeadImporter>(work, caller, std::move(upload->options),
                                                  LeadRows(std::move(upload->file)));
          },
          [](const LeadImporter& file) {
            v1::ImportLeadsResponse response;
            *response.mutable_import() = ToProto(file.import());
            return response;
          }) {}

void ImportHandlers::Register(rpc::Server& server) {
  uploads_.Register(server);
  server.Unary(service_, "GetImport",
               rpc::Read<v1::GetImportRequest, v1::GetImportResponse>(get_imports_, ToQuery, ToResponse));
  server.Unary(
      service_, "ListImports",
      rpc::Alone<v1::ListImportsRequest, v1::ListImportsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(service_, "ListImportRejects",
               rpc::Alone<v1::ListImportRejectsRequest, v1::ListImportRejectsResponse>(
                   reports_, [this](const auto& context, const auto& request) {
                     return ListRejects(context, request);
                   }));
}

absl::StatusOr<v1::ListImportsResponse> ImportHandlers::List(const rpc::Context& context,
                                                             const v1::ListImportsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  ListLeadImports query;
  query.limit = paging.limit();
  if (!paging.first()) query.before_time = paging.TimeAt(0, fields);
  query.before_id = paging.IdAt(1, fields);
  if (!fields.status().ok()) return fields.status();
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
  query.after_line = paging.IntAt<std::int64_t>(0, fields);
  if (!fields.status().ok()) return fields.status();
  auto rows = RejectedRows(pool_, {context.caller, query, {}});
  if (!rows.ok()) return rows.status();
  v1::ListImportRejectsResponse response;
  response.set_next_page_token(paging.Cut(
      *rows, [](const RejectedRow& row) { return std::vector<std::string>{std::to_string(row.line)}; }));
  for (const RejectedRow& row : *rows) *response.add_rejects() = ToProto(row);
  return response;
}

}  // namespace crm::customer
