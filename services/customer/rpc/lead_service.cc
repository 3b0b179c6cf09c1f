#include "services/customer/rpc/lead_service.h"

#include "common/rpc/fields.h"
#include "common/status/to_grpc.h"
#include "services/customer/rpc/lead_converters.h"

namespace crm::customer {
namespace {

constexpr int kMaxBatch = 1000;

v1::GetLeadResponse ToGetResponse(const Lead& lead) {
  v1::GetLeadResponse response;
  *response.mutable_lead() = ToProto(lead);
  return response;
}

void AddResult(v1::BatchCaptureLeadsResponse& response, const work::Outcome& outcome) {
  v1::BatchCaptureLeadsResponse::Result& result = *response.add_results();
  if (outcome.ok()) {
    result.mutable_captured()->ParseFromString(*outcome);
  } else {
    const grpc::Status status = ToGrpc(outcome.status());
    result.mutable_error()->ParseFromString(status.error_details());
    result.mutable_error()->set_code(status.error_code());
    result.mutable_error()->set_message(status.error_message());
  }
}

rpc::Handler<v1::BatchCaptureLeadsRequest, v1::BatchCaptureLeadsResponse> BatchCapture(
    rpc::WriteCoalescer<CaptureLead>& coalescer) {
  auto write = rpc::WriteBatch<v1::BatchCaptureLeadsRequest, v1::BatchCaptureLeadsResponse>(
      coalescer, &v1::BatchCaptureLeadsRequest::requests, ToCaptureLead, AddResult);
  return {[write = std::move(write.run)](const rpc::Context& context,
                                         const v1::BatchCaptureLeadsRequest& request,
                                         rpc::Reply<v1::BatchCaptureLeadsResponse> reply) {
    rpc::Fields fields;
    if (request.requests().empty()) fields.Add("requests", "REQUIRED", "must have at least one entry");
    if (request.requests_size() > kMaxBatch)
      fields.Add("requests", "TOO_MANY", "must have at most 1000 entries");
    if (!fields.status().ok()) return reply(fields.status());
    write(context, request, std::move(reply));
  }};
}

}  // namespace

LeadHandlers::LeadHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads,
                           rpc::Executor& writes, rpc::Executor& reports)
    : pool_(pool),
      reports_(reports),
      get_leads_(reads, [&pool](auto requests) { return GetLeads(pool, requests); }),
      capture_leads_(writes, [&work](auto requests) { return CaptureLeads(work, requests); }),
      update_leads_(writes, [&work](auto requests) { return UpdateLeads(work, requests); }),
      assign_leads_(writes, [&work](auto requests) { return AssignLeadsTo(work, requests); }),
      qualify_leads_(writes, [&work](auto requests) { return QualifyLeads(work, requests); }),
      convert_leads_(writes, [&work](auto requests) { return ConvertLeads(work, requests); }),
      disqualify_leads_(writes, [&work](auto requests) { return DisqualifyLeads(work, requests); }),
      create_rules_(writes, [&work](auto requests) { return CreateAssignmentRules(work, requests); }),
      update_rules_(writes, [&work](auto requests) { return UpdateAssignmentRules(work, requests); }) {}

void LeadHandlers::Register(rpc::Server& server) {
  server.Unary(service_, "CaptureLead",
               rpc::WriteWhole<v1::CaptureLeadResponse>(capture_leads_, ToCaptureLead));
  server.Unary(service_, "BatchCaptureLeads", BatchCapture(capture_leads_));
  server.Unary(service_, "GetLead",
               rpc::Read<v1::GetLeadRequest, v1::GetLeadResponse>(get_leads_, ToGetLead, ToGetResponse));
  server.Unary(
      service_, "BatchGetLeads",
      rpc::Alone<v1::BatchGetLeadsRequest, v1::BatchGetLeadsResponse>(
          reports_, [this](const auto& context, const auto& request) { return BatchGet(context, request); }));
  server.Unary(
      service_, "ListLeads",
      rpc::Alone<v1::ListLeadsRequest, v1::ListLeadsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(service_, "UpdateLead",
               rpc::Write<v1::UpdateLeadRequest, v1::UpdateLeadResponse>(
                   update_leads_, ToUpdateLead, &v1::UpdateLeadResponse::mutable_lead));
  server.Unary(service_, "AssignLead",
               rpc::Write<v1::AssignLeadRequest, v1::AssignLeadResponse>(
                   assign_leads_, ToAssignLead, &v1::AssignLeadResponse::mutable_lead));
  server.Unary(service_, "GetAssignmentDecision",
               rpc::Alone<v1::GetAssignmentDecisionRequest, v1::GetAssignmentDecisionResponse>(
                   reports_, [this](const auto& context, const auto& request) {
                     return GetDecision(context, request);
                   }));
  RegisterJudgements(server);
  RegisterRules(server);
}

void LeadHandlers::RegisterJudgements(rpc::Server& server) {
  server.Unary(service_, "QualifyLead",
               rpc::Write<v1::QualifyLeadRequest, v1::QualifyLeadResponse>(
                   qualify_leads_, ToQualifyLead, &v1::QualifyLeadResponse::mutable_lead));
  server.Unary(service_, "ConvertLead",
               rpc::WriteWhole<v1::ConvertLeadResponse>(convert_leads_, ToConvertLead));
  server.Unary(service_, "DisqualifyLead",
               rpc::Write<v1::DisqualifyLeadRequest, v1::DisqualifyLeadResponse>(
                   disqualify_leads_, ToDisqualifyLead, &v1::DisqualifyLeadResponse::mutable_lead));
}

void LeadHandlers::RegisterRules(rpc::Server& server) {
  server.Unary(service_, "CreateAssignmentRule",
               rpc::Write<v1::CreateAssignmentRuleRequest, v1::CreateAssignmentRuleResponse>(
                   create_rules_, ToCreateRule, &v1::CreateAssignmentRuleResponse::mutable_assignment_rule));
  server.Unary(service_, "UpdateAssignmentRule",
               rpc::Write<v1::UpdateAssignmentRuleRequest, v1::UpdateAssignmentRuleResponse>(
                   update_rules_, ToUpdateRule, &v1::UpdateAssignmentRuleResponse::mutable_assignment_rule));
  server.Unary(service_, "ListAssignmentRules",
               rpc::Alone<v1::ListAssignmentRulesRequest, v1::ListAssignmentRulesResponse>(
                   reports_,
                   [this](const auto& context, const auto& request) { return ListRules(context, request); }));
}

absl::StatusOr<v1::BatchGetLeadsResponse> LeadHandlers::BatchGet(const rpc::Context& context,
                                                                 const v1::BatchGetLeadsRequest& request) {
  auto query = ToBatchGetLeads(request);
  if (!query.ok()) return query.status();
  const auto leads = LeadsNamed(pool_, {context.caller, *std::move(query), {}});
  if (!leads.ok()) return leads.status();
  v1::BatchGetLeadsResponse response;
  for (const Lead& lead : *leads) *response.add_leads() = ToProto(lead);
  return response;
}

absl::StatusOr<v1::ListLeadsResponse> LeadHandlers::List(const rpc::Context& context,
                                                         const v1::ListLeadsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  auto query = ToListLeads(request, paging, fields);
  if (!query.ok()) return query.status();
  auto leads = LeadsLike(pool_, {context.caller, *std::move(query), {}});
  if (!leads.ok()) return leads.status();
  v1::ListLeadsResponse response;
  response.set_next_page_token(
      paging.Cut(*leads, [](const Lead& lead) { return std::vector<std::string>{lead.id.ToString()}; }));
  for (const Lead& lead : *leads) *response.add_leads() = ToProto(lead);
  return response;
}

absl::StatusOr<v1::GetAssignmentDecisionResponse> LeadHandlers::GetDecision(
    const rpc::Context& context, const v1::GetAssignmentDecisionRequest& request) {
  rpc::Fields fields;
  const GetLead query{fields.Id("lead_id", request.lead_id())};
  if (!fields.status().ok()) return fields.status();
  const auto decision = LatestDecision(pool_, {context.caller, query, {}});
  if (!decision.ok()) return decision.status();
  v1::GetAssignmentDecisionResponse response;
  *response.mutable_decision() = ToProto(*decision);
  return response;
}

absl::StatusOr<v1::ListAssignmentRulesResponse> LeadHandlers::ListRules(
    const rpc::Context& context, const v1::ListAssignmentRulesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  ListAssignmentRules query;
  query.limit = paging.limit();
  if (!request.org_unit_id().empty())
    query.org_unit_id = fields.OptionalId("org_unit_id", request.org_unit_id());
  if (!paging.first()) query.after_position = paging.IntAt<int>(0, fields);
  query.after_id = paging.IdAt(1, fields);
  if (!fields.status().ok()) return fields.status();
  auto rules = RulesOf(pool_, {context.caller, query, {}});
  if (!rules.ok()) return rules.status();
  v1::ListAssignmentRulesResponse response;
  response.set_next_page_token(paging.Cut(*rules, [](const AssignmentRule& rule) {
    return std::vector<std::string>{std::to_string(rule.position), rule.id.ToString()};
  }));
  for (const AssignmentRule& rule : *rules) *response.add_assignment_rules() = ToProto(rule);
  return response;
}

}  // namespace crm::customer
