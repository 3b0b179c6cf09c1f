#include "services/opportunity/rpc/opportunity_service.h"

#include "services/opportunity/app/create_opportunity.h"
#include "services/opportunity/app/lose_opportunity.h"
#include "services/opportunity/app/move_stage.h"
#include "services/opportunity/app/update_opportunity.h"
#include "services/opportunity/app/win_opportunity.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {
namespace {

v1::GetOpportunityResponse ToResponse(const Opportunity& o) {
  v1::GetOpportunityResponse response;
  *response.mutable_opportunity() = ToMessage(o);
  return response;
}

}  // namespace

OpportunityHandlers::OpportunityHandlers(const Workshop& shop)
    : pool_(shop.pool),
      reports_(shop.reports),
      create_(shop.writes, [&work = shop.unit,
                            &peers = shop.peers](auto set) { return CreateOpportunities(work, peers, set); }),
      update_(shop.writes, [&work = shop.unit](auto set) { return UpdateOpportunities(work, set); }),
      move_(shop.writes, [&work = shop.unit](auto set) { return MoveStages(work, set); }),
      win_(shop.writes, [&work = shop.unit](auto set) { return WinOpportunities(work, set); }),
      lose_(shop.writes, [&work = shop.unit](auto set) { return LoseOpportunities(work, set); }),
      get_(shop.reads, [&pool = shop.pool](auto set) { return GetOpportunities(pool, set); }) {}

void OpportunityHandlers::Register(rpc::Server& server) {
  using namespace v1;
  server.Unary(service_, "CreateOpportunity",
               rpc::Write<CreateOpportunityRequest, CreateOpportunityResponse>(
                   create_, ToCommand, &CreateOpportunityResponse::mutable_opportunity));
  server.Unary(service_, "GetOpportunity",
               rpc::Read<GetOpportunityRequest, GetOpportunityResponse>(
                   get_, ToQuery<opportunity::Opportunity, GetOpportunityRequest>, ToResponse));
  server.Unary(
      service_, "ListOpportunities",
      rpc::Alone<ListOpportunitiesRequest, ListOpportunitiesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(service_, "UpdateOpportunity",
               rpc::Write<UpdateOpportunityRequest, UpdateOpportunityResponse>(
                   update_, ToCommand, &UpdateOpportunityResponse::mutable_opportunity));
  server.Unary(service_, "MoveStage",
               rpc::Write<MoveStageRequest, MoveStageResponse>(move_, ToCommand,
                                                               &MoveStageResponse::mutable_opportunity));
  server.Unary(service_, "WinOpportunity",
               rpc::Write<WinOpportunityRequest, WinOpportunityResponse>(
                   win_, ToCommand, &WinOpportunityResponse::mutable_opportunity));
  server.Unary(service_, "LoseOpportunity",
               rpc::Write<LoseOpportunityRequest, LoseOpportunityResponse>(
                   lose_, ToCommand, &LoseOpportunityResponse::mutable_opportunity));
  server.Unary(
      service_, "ListStageMoves",
      rpc::Alone<ListStageMovesRequest, ListStageMovesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
}

absl::StatusOr<v1::ListOpportunitiesResponse> OpportunityHandlers::List(
    const rpc::Context& context, const v1::ListOpportunitiesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  OpportunityFilter filter;
  filter.owner_id = OptionalId(fields, "owner_id", request.owner_id());
  filter.org_unit_id = OptionalId(fields, "org_unit_id", request.org_unit_id());
  filter.customer_id = OptionalId(fields, "customer_id", request.customer_id());
  if (fields.Enum("status", request.status(), v1::OpportunityStatus_IsValid(request.status())))
    filter.status = FromEnum<Status>(request.status());
  filter.stage = fields.Line("stage", request.stage(), 50);
  filter.external_id = fields.Line("external_id", request.external_id(), 200);
  if (!fields.status().ok()) return fields.status();

  auto found = OpportunitiesLike(pool_, context.caller, filter, page);
  if (!found.ok()) return found.status();
  v1::ListOpportunitiesResponse response;
  response.set_next_page_token(paging.Cut(*found, ByCreation<Opportunity>));
  for (const Opportunity& o : *found) *response.add_opportunities() = ToMessage(o);
  return response;
}

absl::StatusOr<v1::ListStageMovesResponse> OpportunityHandlers::List(
    const rpc::Context& context, const v1::ListStageMovesRequest& request) {
  rpc::Fields fields;
  const Uuid id = fields.Id("opportunity_id", request.opportunity_id());
  if (!fields.status().ok()) return fields.status();
  const auto moves = StageMovesOf(pool_, context.caller, id);
  if (!moves.ok()) return moves.status();
  return ToMessage(*moves);
}

}  // namespace crm::opportunity
