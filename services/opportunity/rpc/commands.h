#pragma once
#include "absl/status/statusor.h"
#include "common/rpc/fields.h"
#include "services/opportunity/app/reads.h"
#include "services/opportunity/rpc/messages.h"

namespace crm::opportunity {

// From what callers send to commands: INVALID_ARGUMENT lists every broken rule with its field.
absl::StatusOr<CreateSalesProcess> ToCommand(const v1::CreateSalesProcessRequest& request);
absl::StatusOr<CreateOpportunity> ToCommand(const v1::CreateOpportunityRequest& request);
absl::StatusOr<UpdateOpportunity> ToCommand(const v1::UpdateOpportunityRequest& request);
absl::StatusOr<MoveStage> ToCommand(const v1::MoveStageRequest& request);
absl::StatusOr<WinOpportunity> ToCommand(const v1::WinOpportunityRequest& request);
absl::StatusOr<LoseOpportunity> ToCommand(const v1::LoseOpportunityRequest& request);
absl::StatusOr<ScheduleActivity> ToCommand(const v1::ScheduleActivityRequest& request);
absl::StatusOr<CompleteActivity> ToCommand(const v1::CompleteActivityRequest& request);
absl::StatusOr<CreateProduct> ToCommand(const v1::CreateProductRequest& request);
absl::StatusOr<CreateQuote> ToCommand(const v1::CreateQuoteRequest& request);
absl::StatusOr<SubmitQuote> ToCommand(const v1::SubmitQuoteRequest& request);
absl::StatusOr<AcceptQuote> ToCommand(const v1::AcceptQuoteRequest& request);
absl::StatusOr<MarkNotificationRead> ToCommand(const v1::MarkNotificationReadRequest& request);

// "Get" requests have an id and nothing else.
template <class Aggregate, class Request>
absl::StatusOr<Get<Aggregate>> ToQuery(const Request& request) {
  rpc::Fields fields;
  Get<Aggregate> query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

}  // namespace crm::opportunity
