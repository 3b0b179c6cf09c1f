#include "services/opportunity/rpc/import_service.h"

#include "common/base/time_zone.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {
namespace {

std::optional<ImportFormat::DateOrder> DateOrderOf(std::string_view name) {
  using enum ImportFormat::DateOrder;
  if (name.empty() || name == "YYYY-MM-DD") return kYearMonthDay;
  if (name == "DD-MM-YYYY") return kDayMonthYear;
  if (name == "MM-DD-YYYY") return kMonthDayYear;
  return std::nullopt;
}

// The first part of an upload, read and checked: every violation at once.
struct OpportunityUpload {
  imports::Options options;
  OpportunityFile file;
};

absl::StatusOr<OpportunityUpload> ToUpload(const v1::ImportOpportunitiesHeader& header) {
  rpc::Fields fields;
  OpportunityUpload upload;
  upload.options = imports::ToOptions(header, fields);
  OpportunityFile& file = upload.file;
  file.mapping = {header.mapping().begin(), header.mapping().end()};
  file.process_key = fields.Line("header.process_key", header.process_key(), 50);
  file.format.currency = header.currency_code();
  if (!IsCurrency(file.format.currency))
    fields.Add("header.currency_code", "UNKNOWN_CURRENCY",
               "must be an ISO 4217 code in upper case, such as CNY");
  if (const auto order = DateOrderOf(header.date_order()))
    file.format.date_order = *order;
  else
    fields.Add("header.date_order", "UNKNOWN_VALUE", "must be YYYY-MM-DD, DD-MM-YYYY or MM-DD-YYYY");
  if (const auto zone = FindTimeZone(header.time_zone()))
    file.format.time_zone = *zone;
  else if (!header.time_zone().empty())
    fields.Add("header.time_zone", "UNKNOWN_VALUE", "must be an IANA time zone such as Asia/Shanghai");
  if (!fields.status().ok()) return fields.status();
  return upload;
}

v1::GetOpportunityImportResponse ToResponse(const OpportunityImport& import) {
  v1::GetOpportunityImportResponse response;
  *response.mutable_opportunity_import() = ToMessage(import);
  return response;
}

}  // namespace

ImportHandlers::ImportHandlers(const Workshop& shop, const rpc::UploadOptions& uploads)
    : shop_(shop),
      get_(shop.reads, [&pool = shop.pool](auto set) { return GetImports(pool, set); }),
      service_(*this),
      uploads_(
          "/crm.opportunity.v1.OpportunityImportService/ImportOpportunities", uploads,
          [this](const work::Caller& caller, const v1::ImportOpportunitiesHeader& header)
              -> absl::StatusOr<std::unique_ptr<OpportunityImporter>> {
            auto upload = ToUpload(header);
            if (!upload.ok()) return upload.status();
            return std::make_unique<OpportunityImporter>(
                shop_.unit, caller, std::move(upload->options),
                OpportunityRows(shop_.peers, std::move(upload->file)));
          },
          [](const OpportunityImporter& file) {
            v1::ImportOpportunitiesResponse response;
            *response.mutable_opportunity_import() = ToMessage(file.import());
            return response;
          }) {}

void ImportHandlers::Register(rpc::Server& server) {
  using namespace v1;
  uploads_.Register(server);
  server.Unary(service_, "GetOpportunityImport",
               rpc::Read<GetOpportunityImportRequest, GetOpportunityImportResponse>(
                   get_, ToQuery<opportunity::OpportunityImport, GetOpportunityImportRequest>, ToResponse));
  server.Unary(service_, "ListImportFindings",
               rpc::Alone<ListImportFindingsRequest, ListImportFindingsResponse>(
                   shop_.reports,
                   [this](const auto& context, const auto& request) { return List(context, request); }));
}

absl::StatusOr<v1::ListImportFindingsResponse> ImportHandlers::List(
    const rpc::Context& context, const v1::ListImportFindingsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  const Uuid id = fields.Id("import_id", request.import_id());
  std::optional<Finding::Kind> kind;
  if (fields.Enum("kind", request.kind(), v1::ImportFindingKind_IsValid(request.kind())))
    kind = FromEnum<Finding::Kind>(request.kind());
  const FindingPosition after{paging.IntAt<std::int64_t>(0, fields), paging.IntAt<int>(1, fields)};
  if (!fields.status().ok()) return fields.status();

  auto found = FindingsOf(shop_.pool, context.caller, id, kind, after, paging.limit());
  if (!found.ok()) return found.status();
  v1::ListImportFindingsResponse response;
  response.set_next_page_token(paging.Cut(*found, [](const Finding& f) {
    return std::vector<std::string>{std::to_string(f.line), std::to_string(f.ordinal)};
  }));
  for (const Finding& f : *found) *response.add_findings() = ToMessage(f);
  return response;
}

}  // namespace crm::opportunity
