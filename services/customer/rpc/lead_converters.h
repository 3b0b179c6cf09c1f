#pragma once
#include "absl/status/statusor.h"
#include "common/rpc/fields.h"
#include "crm/customer/v1/lead_service.pb.h"
#include "services/customer/app/assign_lead.h"
#include "services/customer/app/capture_lead.h"
#include "services/customer/app/change_assignment_rule.h"
#include "services/customer/app/convert_lead.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/read_leads.h"

// Requests of LeadService to commands, results to responses. A request that breaks rules answers
// INVALID_ARGUMENT with all of them.
namespace crm::customer {

absl::StatusOr<CaptureLead> ToCaptureLead(const v1::CaptureLeadRequest& request);
absl::StatusOr<UpdateLead> ToUpdateLead(const v1::UpdateLeadRequest& request);
absl::StatusOr<AssignLeadTo> ToAssignLead(const v1::AssignLeadRequest& request);
absl::StatusOr<GetLead> ToGetLead(const v1::GetLeadRequest& request);
absl::StatusOr<BatchGetLeads> ToBatchGetLeads(const v1::BatchGetLeadsRequest& request);
absl::StatusOr<QualifyLead> ToQualifyLead(const v1::QualifyLeadRequest& request);
absl::StatusOr<ConvertLead> ToConvertLead(const v1::ConvertLeadRequest& request);
absl::StatusOr<DisqualifyLead> ToDisqualifyLead(const v1::DisqualifyLeadRequest& request);
absl::StatusOr<CreateAssignmentRule> ToCreateRule(const v1::CreateAssignmentRuleRequest& request);
absl::StatusOr<UpdateAssignmentRule> ToUpdateRule(const v1::UpdateAssignmentRuleRequest& request);

absl::StatusOr<ListLeads> ToListLeads(const v1::ListLeadsRequest& request, const rpc::Paging& paging,
                                      rpc::Fields& fields);

v1::Lead ToProto(const Lead& lead);
v1::AssignmentRule ToProto(const AssignmentRule& rule);
v1::AssignmentDecision ToProto(const StoredDecision& decision);

}  // namespace crm::customer
