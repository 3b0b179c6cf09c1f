#pragma once
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "services/customer/app/assign_lead.h"
#include "services/customer/app/capture_lead.h"
#include "services/customer/app/change_assignment_rule.h"
#include "services/customer/app/convert_lead.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/read_leads.h"

namespace crm::customer {

// LeadService: proto in, command out; result in, proto out. Lives as long as the server.
class LeadHandlers {
 public:
  LeadHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads, rpc::Executor& writes,
               rpc::Executor& reports);
  void Register(rpc::Server& server);

 private:
  void RegisterJudgements(rpc::Server& server);
  void RegisterRules(rpc::Server& server);
  absl::StatusOr<v1::BatchGetLeadsResponse> BatchGet(const rpc::Context& context,
                                                     const v1::BatchGetLeadsRequest& request);
  absl::StatusOr<v1::ListLeadsResponse> List(const rpc::Context& context,
                                             const v1::ListLeadsRequest& request);
  absl::StatusOr<v1::GetAssignmentDecisionResponse> GetDecision(
      const rpc::Context& context, const v1::GetAssignmentDecisionRequest& request);
  absl::StatusOr<v1::ListAssignmentRulesResponse> ListRules(const rpc::Context& context,
                                                            const v1::ListAssignmentRulesRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::Coalescer<GetLead, Lead> get_leads_;
  rpc::WriteCoalescer<CaptureLead> capture_leads_;
  rpc::WriteCoalescer<UpdateLead> update_leads_;
  rpc::WriteCoalescer<AssignLeadTo> assign_leads_;
  rpc::WriteCoalescer<QualifyLead> qualify_leads_;
  rpc::WriteCoalescer<ConvertLead> convert_leads_;
  rpc::WriteCoalescer<DisqualifyLead> disqualify_leads_;
  rpc::WriteCoalescer<CreateAssignmentRule> create_rules_;
  rpc::WriteCoalescer<UpdateAssignmentRule> update_rules_;
  v1::LeadService::AsyncService service_;
};

}  // namespace crm::customer
