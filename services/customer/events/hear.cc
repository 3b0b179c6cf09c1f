#include "services/customer/events/hear.h"

#include "common/base/timestamp.h"
#include "crm/event/v1/event.pb.h"
#include "services/customer/app/change_lifecycle.h"
#include "services/customer/app/follow_up_lead.h"

namespace crm::customer {
namespace {

using stream::Event;

absl::StatusOr<std::optional<PlanFollowUp>> ToPlan(const Event& event) {
  const auto& activity = event.activity_scheduled().activity();
  if (activity.subject_type() != "lead") return std::nullopt;
  const auto lead_id = Uuid::Parse(activity.subject_id()), activity_id = Uuid::Parse(activity.activity_id());
  if (!lead_id || !activity_id) return absl::InvalidArgumentError("subject_id or activity_id is no id");
  const Uuid owner_id = Uuid::Parse(activity.owner_id()).value_or(Uuid());
  return PlanFollowUp{*lead_id, {*activity_id, owner_id, ToTime(event.recorded_time())}};
}

absl::StatusOr<std::optional<RecordCustomerFact>> ToActivated(const Event& event) {
  const auto& contract = event.contract_activated().contract();
  if (contract.customer_id().empty()) return std::nullopt;  // imported history without a customer
  const auto customer_id = Uuid::Parse(contract.customer_id()),
             contract_id = Uuid::Parse(contract.contract_id());
  if (!customer_id || !contract_id) return absl::InvalidArgumentError("customer_id or contract_id is no id");
  return RecordCustomerFact{*customer_id, LifecycleCause::kContractActivated, *contract_id};
}

}  // namespace

void Hear(stream::Consumer& consumer, work::UnitOfWork& work) {
  consumer.On<PlanFollowUp>("ActivityScheduled", ToPlan,
                            [&work](auto requests) { return PlanFollowUps(work, requests); });
  consumer.On<RecordCustomerFact>("ContractActivated", ToActivated,
                                  [&work](auto requests) { return RecordCustomerFacts(work, requests); });
}

}  // namespace crm::customer
