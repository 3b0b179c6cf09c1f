#include "services/opportunity/rpc/import_service.h"

#include "common/status/to_grpc.h"
#include "services/opportunity/app/import_file.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {
namespace {

constexpr char kMethod[] = "/crm.opportunity.v1.OpportunityImportService/ImportOpportunities";

std::optional<ImportFormat::DateOrder> DateOrderOf(std::string_view name) {
  using enum ImportFormat::DateOrder;
  if (name.empty() || name == "YYYY-MM-DD") return kYearMonthDay;
  if (name == "DD-MM-YYYY") return kDayMonthYear;
  if (name == "MM-DD-YYYY") return kMonthDayYear;
  return std::nullopt;
}

absl::StatusOr<ImportFileOptions> ToOptions(const v1::ImportOpportunitiesHeader& header,
                                            const auth::Principal& caller) {
  rpc::Fields fields;
  ImportFileOptions options;
  const std::string request_id = fields.Line("header.request_id", header.request_id(), 100, 1);
  options.id = Uuid::FromName(caller.id, "opportunity-import:" + request_id);
  options.name = fields.Line("header.name", header.name(), 200);
  options.mapping = {header.mapping().begin(), header.mapping().end()};
  if (header.delimiter().size() > 1) fields.Add("header.delimiter", "MALFORMED", "must be one character");
  if (!header.delimiter().empty()) options.csv.delimiter = header.delimiter().front();
  if (!header.encoding().empty()) options.csv.encoding = header.encoding();
  options.process_key = fields.Line("header.process_key", header.process_key(), 50);
  options.format.currency = header.currency_code();
  if (!IsCurrency(options.format.currency))
    fields.Add("header.currency_code", "UNKNOWN_CURRENCY",
               "must be an ISO 4217 code in upper case, such as CNY");
  if (const auto order = DateOrderOf(header.date_order()))
    options.format.date_order = *order;
  else
    fields.Add("header.date_order", "UNKNOWN_VALUE", "must be YYYY-MM-DD, DD-MM-YYYY or MM-DD-YYYY");
  if (!fields.status().ok()) return fields.status();
  return options;
}

// One upload. Each piece is worked on by an executor's thread, never by gRPC's.
class Upload final : public grpc::ServerReadReactor<v1::ImportOpportunitiesRequest> {
 public:
  Upload(const Workshop& shop, rpc::Executor& executor, work::Caller caller,
         grpc::CallbackServerContext* context, v1::ImportOpportunitiesResponse* response)
      : shop_(shop), executor_(executor), caller_(std::move(caller)), context_(context), response_(response) {
    StartRead(&part_);
  }

  void OnReadDone(bool ok) override {
    const bool taken = executor_.Submit([this, ok] { ok ? Take() : End(); });
    if (!taken) Finish(ToGrpc(errors::Overloaded(absl::Seconds(1))));
  }
  void OnDone() override { delete this; }

 private:
  void Take() {
    const absl::Status taken = part_.has_header() ? TakeHeader() : TakeChunk();
    if (!taken.ok()) return Finish(ToGrpc(taken));
    if (file_->done()) return End();
    StartRead(&part_);
  }

  absl::Status TakeHeader() {
    if (file_) return OutOfPlace("header", "comes once, first");
    auto options = ToOptions(part_.header(), *caller_.principal);
    if (!options.ok()) return options.status();
    file_.emplace(shop_.pool, shop_.unit, shop_.peers, caller_, *std::move(options));
    return file_->Begin();
  }

  absl::Status TakeChunk() {
    if (!file_) return OutOfPlace("header", "must come before the first chunk");
    return file_->Feed(part_.chunk());
  }

  void End() {
    if (!file_) return Finish(ToGrpc(OutOfPlace("header", "must come first")));
    const auto import = file_->End(!context_->IsCancelled(), [this] { return !context_->IsCancelled(); });
    if (!import.ok()) return Finish(ToGrpc(import.status()));
    *response_->mutable_opportunity_import() = ToMessage(*import);
    Finish(grpc::Status::OK);
  }

  static absl::Status OutOfPlace(std::string_view field, std::string_view rule) {
    errors::Violations violations;
    violations.Add(field, "OUT_OF_PLACE", rule);
    return violations.ToStatus();
  }

  const Workshop& shop_;
  rpc::Executor& executor_;
  const work::Caller caller_;
  grpc::CallbackServerContext* const context_;
  v1::ImportOpportunitiesResponse* const response_;
  v1::ImportOpportunitiesRequest part_;
  std::optional<ImportFile> file_;
};

v1::GetOpportunityImportResponse ToResponse(const OpportunityImport& import) {
  v1::GetOpportunityImportResponse response;
  *response.mutable_opportunity_import() = ToMessage(import);
  return response;
}

class Refusal final : public grpc::ServerReadReactor<v1::ImportOpportunitiesRequest> {
 public:
  explicit Refusal(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

ImportHandlers::ImportHandlers(const Workshop& shop)
    : shop_(shop),
      uploads_("opportunity-import", 2, 64),
      get_(shop.reads, [&pool = shop.pool](auto set) { return GetImports(pool, set); }),
      service_(*this) {}

void ImportHandlers::Register(rpc::Server& server) {
  using Async = v1::OpportunityImportService::AsyncService;
  using namespace v1;
  gate_ = &server.gate();
  server.Unary(service_, "GetOpportunityImport", &Async::RequestGetOpportunityImport,
               rpc::Read<GetOpportunityImportRequest, GetOpportunityImportResponse>(
                   get_, ToQuery<opportunity::OpportunityImport, GetOpportunityImportRequest>, ToResponse));
  server.Unary(service_, "ListImportFindings", &Async::RequestListImportFindings,
               rpc::Alone<ListImportFindingsRequest, ListImportFindingsResponse>(
                   shop_.reports,
                   [this](const auto& context, const auto& request) { return List(context, request); }));
}

grpc::ServerReadReactor<v1::ImportOpportunitiesRequest>* ImportHandlers::Service::ImportOpportunities(
    grpc::CallbackServerContext* context, v1::ImportOpportunitiesResponse* response) {
  static const std::string permission = rpc::Gate::PermissionOf(kMethod);
  auto admitted =
      handlers_.gate_->Admit(context->client_metadata(), context->deadline(), kMethod, permission);
  if (!admitted.ok()) return new Refusal(admitted.status());
  return new Upload(handlers_.shop_, handlers_.uploads_, admitted->caller, context, response);
}

absl::StatusOr<v1::ListImportFindingsResponse> ImportHandlers::List(
    const rpc::Context& context, const v1::ListImportFindingsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  const Uuid id = fields.Id("import_id", request.import_id());
  std::optional<Finding::Kind> kind;
  if (fields.Enum("kind", request.kind(), v1::ImportFindingKind_IsValid(request.kind())))
    kind = FromEnum<Finding::Kind>(request.kind());
  FindingPosition after;
  if (!paging.position().empty() && (!absl::SimpleAtoi(paging.position()[0], &after.line) ||
                                     !absl::SimpleAtoi(paging.position()[1], &after.ordinal)))
    fields.Add("page_token", "MALFORMED", "must be the next_page_token of the same question, unchanged");
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
