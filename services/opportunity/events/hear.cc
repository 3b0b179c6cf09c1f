#include "services/opportunity/events/hear.h"

#include "common/base/timestamp.h"
#include "crm/event/v1/event.pb.h"
#include "services/opportunity/app/create_opportunity.h"
#include "services/opportunity/app/notify.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/events/notifications.h"

namespace crm::opportunity {
namespace {

using stream::Event;

absl::StatusOr<std::optional<CreateOpportunity>> ToOpportunity(const Event& event) {
  const crm::event::v1::LeadConverted& converted = event.lead_converted();
  const auto id = Uuid::Parse(converted.opportunity_id());
  const auto customer_id = Uuid::Parse(converted.customer_id());
  if (!id || !customer_id) return absl::InvalidArgumentError("opportunity_id or customer_id is no id");
  CreateOpportunity command;
  command.id = *id;
  command.customer_id = *customer_id;
  command.customer_name = converted.customer_name().empty() ? "?" : converted.customer_name();
  command.owner_id = Uuid::Parse(converted.owner_id()).value_or(Uuid());
  command.org_unit_id = Uuid::Parse(converted.org_unit_id()).value_or(Uuid());
  command.lead_id = Uuid::Parse(converted.lead().lead_id());
  command.source = converted.lead().source();
  command.campaign = converted.lead().campaign();
  command.process_key = converted.process_key();
  if (converted.has_lead_captured_time()) command.lead_captured_time = ToTime(converted.lead_captured_time());
  Details& details = command.details;
  details.name = converted.opportunity_name().empty() ? command.customer_name : converted.opportunity_name();
  details.grade = FromName<Grade>(converted.grade()).value_or(Grade::kUnknown);
  if (converted.has_amount() && IsCurrency(converted.amount().currency_code()))
    details.amount = Money{converted.amount().currency_code(), converted.amount().minor_units()};
  absl::CivilDay day;
  if (absl::ParseCivilTime(converted.expected_close_date(), &day)) details.expected_close = day;
  return command;
}

}  // namespace

void Hear(stream::Consumer& consumer, work::UnitOfWork& work, const Peers& peers) {
  consumer.On<CreateOpportunity>("LeadConverted", ToOpportunity, [&work, &peers](auto requests) {
    return OpenConvertedLeads(work, peers, requests);
  });
  for (const char* type : {"LeadAssigned", "LeadWaiting", "LeadFollowUpMissed", "LeadReclaimed",
                           "ContractDrafted", "InstalmentDue", "InstalmentOverdue", "ReminderDue"})
    consumer.On<Notify>(type, ToNotifications,
                        [&work](auto requests) { return PostNotifications(work, requests); });
}

}  // namespace crm::opportunity
