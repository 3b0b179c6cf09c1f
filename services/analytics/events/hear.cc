#include "services/analytics/events/hear.h"

#include <utility>

#include "common/base/timestamp.h"
#include "services/analytics/app/apply_events.h"

namespace crm::analytics {
namespace {

using stream::Event;
namespace event = crm::event::v1;

// Gathers the first thing about an event that cannot be read.
class Reader {
 public:
  Uuid Id(const char* field, const std::string& text) {
    const std::optional<Uuid> id = Uuid::Parse(text);
    if (!id) Fail(field, text);
    return id.value_or(Uuid());
  }
  static Uuid IdOrNil(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }
  absl::CivilDay Day(const char* field, const std::string& text) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day)) Fail(field, text);
    return day;
  }
  absl::Status status() const { return status_; }

 private:
  void Fail(const char* field, const std::string& text) {
    if (status_.ok())
      status_ = absl::InvalidArgumentError(absl::StrCat(field, " cannot be read: \"", text, "\""));
  }
  absl::Status status_;
};

absl::Time OccurredTime(const Event& event) {
  return ToTime(event.has_occurred_time() ? event.occurred_time() : event.recorded_time());
}

Stage ToStage(const event::StageFacts& facts, const Uuid& process_id) {
  return {.process_id = process_id,
          .order = std::max(1, facts.order()),
          .key = facts.key(),
          .name = facts.name(),
          .probability_percent = facts.probability_percent(),
          .maximum_days = facts.max_days()};
}

OpportunitySeen ToSeen(const Event& event, const event::OpportunityFacts& facts, std::string close_reason,
                       Reader& reader) {
  OpportunitySeen seen;
  seen.id = reader.Id("opportunity_id", facts.opportunity_id());
  seen.owner_id = Reader::IdOrNil(facts.owner_id());
  seen.org_unit_id = Reader::IdOrNil(facts.org_unit_id());
  seen.stage = ToStage(facts.stage(), reader.Id("process_id", facts.process_id()));
  seen.status = facts.status();
  seen.source = facts.source();
  if (facts.amount().minor_units() != 0) {
    seen.currency = facts.amount().currency_code();
    seen.amount_minor = facts.amount().minor_units();
  }
  for (int i = 0; i < facts.product_ids_size(); ++i)
    seen.products.push_back(i < facts.product_names_size() && !facts.product_names(i).empty()
                                ? facts.product_names(i)
                                : facts.product_ids(i));
  if (!facts.lead_id().empty()) seen.lead_id = reader.Id("lead_id", facts.lead_id());
  seen.close_reason = std::move(close_reason);
  seen.occurred_time = OccurredTime(event);
  seen.opened_time = facts.has_opened_time() ? ToTime(facts.opened_time()) : seen.occurred_time;
  return seen;
}

LeadSeen ToSeen(const Event& event, const event::LeadFacts& facts, Reader& reader) {
  return {.id = reader.Id("lead_id", facts.lead_id()),
          .owner_id = Reader::IdOrNil(facts.owner_id()),
          .org_unit_id = Reader::IdOrNil(facts.org_unit_id()),
          .source = facts.source(),
          .state = facts.state(),
          .captured = event.has_lead_captured(),
          .qualified = event.has_lead_qualified() && event.lead_qualified().outcome() == "OPPORTUNITY",
          .occurred_time = OccurredTime(event)};
}

Uuid InstalmentId(const Uuid& contract_id, const event::InstalmentFacts& facts) {
  const Uuid id = Reader::IdOrNil(facts.instalment_id());
  return id.nil() ? Uuid::FromName(contract_id, absl::StrCat("instalment/", facts.number())) : id;
}

ContractSeen ToSeen(const Event& event, const event::ContractFacts& facts, Reader& reader) {
  ContractSeen seen;
  seen.id = reader.Id("contract_id", facts.contract_id());
  seen.owner_id = Reader::IdOrNil(facts.owner_id());
  seen.org_unit_id = Reader::IdOrNil(facts.org_unit_id());
  seen.owed = facts.state() == "ACTIVE" || facts.state() == "COMPLETED";
  for (const event::InstalmentFacts& instalment : facts.instalments()) {
    if (instalment.due_date().empty()) continue;  // a draft's: relative to what has not happened yet
    seen.instalments.push_back({.id = InstalmentId(seen.id, instalment),
                                .currency = instalment.amount().currency_code(),
                                .amount_minor = instalment.amount().minor_units(),
                                .due_day = reader.Day("due_date", instalment.due_date())});
  }
  seen.occurred_time = OccurredTime(event);
  return seen;
}

template <class Payment>
PaymentSeen ToSeen(const Payment& payment, int sign, absl::CivilDay day, Reader& reader) {
  PaymentSeen seen;
  seen.day = day;
  for (const event::AllocationFacts& allocation : payment.allocations()) {
    const Uuid contract_id = reader.Id("contract_id", allocation.contract_id());
    seen.parts.push_back({.contract_id = contract_id,
                          .instalment_id = InstalmentId(contract_id, allocation.instalment()),
                          .amount_minor = sign * allocation.amount().minor_units()});
  }
  return seen;
}

ProcessSeen ToSeen(const event::SalesProcessChanged& process, Reader& reader) {
  ProcessSeen seen;
  const Uuid id = reader.Id("process_id", process.process_id());
  for (const event::StageFacts& stage : process.stages()) seen.stages.push_back(ToStage(stage, id));
  return seen;
}

Recorded Read(const Event& event, absl::TimeZone zone, Reader& reader) {
  switch (event.payload_case()) {
    case Event::kSalesProcessChanged:
      return ToSeen(event.sales_process_changed(), reader);
    case Event::kOpportunityCreated:
      return ToSeen(event, event.opportunity_created().opportunity(), "", reader);
    case Event::kOpportunityUpdated:
      return ToSeen(event, event.opportunity_updated().opportunity(), "", reader);
    case Event::kOpportunityStageMoved:
      return ToSeen(event, event.opportunity_stage_moved().opportunity(), "", reader);
    case Event::kOpportunityAmountChanged:
      return ToSeen(event, event.opportunity_amount_changed().opportunity(), "", reader);
    case Event::kOpportunityWon:
      return ToSeen(event, event.opportunity_won().opportunity(), event.opportunity_won().reason(), reader);
    case Event::kOpportunityLost:
      return ToSeen(event, event.opportunity_lost().opportunity(), event.opportunity_lost().reason(), reader);

    case Event::kLeadCaptured:
      return ToSeen(event, event.lead_captured().lead(), reader);
    case Event::kLeadUpdated:
      return ToSeen(event, event.lead_updated().lead(), reader);
    case Event::kLeadAssigned:
      return ToSeen(event, event.lead_assigned().lead(), reader);
    case Event::kLeadWaiting:
      return ToSeen(event, event.lead_waiting().lead(), reader);
    case Event::kLeadNurtured:
      return ToSeen(event, event.lead_nurtured().lead(), reader);
    case Event::kLeadReclaimed:
      return ToSeen(event, event.lead_reclaimed().lead(), reader);
    case Event::kLeadQualified:
      return ToSeen(event, event.lead_qualified().lead(), reader);
    case Event::kLeadConverted:
      return ToSeen(event, event.lead_converted().lead(), reader);
    case Event::kLeadDisqualified:
      return ToSeen(event, event.lead_disqualified().lead(), reader);

    case Event::kContractUpdated:
      return ToSeen(event, event.contract_updated().contract(), reader);
    case Event::kContractActivated:
      return ToSeen(event, event.contract_activated().contract(), reader);
    case Event::kContractCompleted:
      return ToSeen(event, event.contract_completed().contract(), reader);
    // The day in this service's zone, as everything that is counted; received_date is one in the customer's.
    case Event::kPaymentReceived:
      return ToSeen(event.payment_received(), 1, absl::ToCivilDay(OccurredTime(event), zone), reader);
    case Event::kPaymentReversed:
      return ToSeen(event.payment_reversed(), -1, absl::ToCivilDay(OccurredTime(event), zone), reader);
    default:
      return std::monostate();
  }
}

const std::vector<std::string>& Types() {
  static const auto& types = *new std::vector<std::string>{
      "SalesProcessChanged",
      "OpportunityCreated",
      "OpportunityUpdated",
      "OpportunityStageMoved",
      "OpportunityAmountChanged",
      "OpportunityWon",
      "OpportunityLost",
      "LeadCaptured",
      "LeadUpdated",
      "LeadAssigned",
      "LeadWaiting",
      "LeadNurtured",
      "LeadReclaimed",
      "LeadQualified",
      "LeadConverted",
      "LeadDisqualified",
      "ContractUpdated",
      "ContractActivated",
      "ContractCompleted",
      "PaymentReceived",
      "PaymentReversed",
  };
  return types;
}

}  // namespace

absl::StatusOr<Recorded> ToRecorded(const Event& event, absl::TimeZone zone) {
  Reader reader;
  Recorded recorded = Read(event, zone, reader);
  if (!reader.status().ok()) return reader.status();
  return recorded;
}

void Hear(stream::Consumer& consumer, work::UnitOfWork& work, absl::TimeZone zone) {
  consumer.On(Types(),
              stream::Consumer::Apply<Event>([&work, zone](absl::Span<const work::Request<Event>> events) {
                std::vector<work::Outcome> outcomes(events.size(), std::string());
                std::vector<work::Request<Recorded>> requests;
                std::vector<std::size_t> at;
                for (std::size_t i = 0; i < events.size(); ++i) {
                  absl::StatusOr<Recorded> recorded = ToRecorded(events[i].command, zone);
                  if (!recorded.ok()) {
                    outcomes[i] = recorded.status();
                    continue;
                  }
                  requests.push_back({events[i].caller, *std::move(recorded), events[i].once});
                  at.push_back(i);
                }
                std::vector<work::Outcome> applied = ApplyEvents(work, requests, zone);
                for (std::size_t i = 0; i < at.size(); ++i) outcomes[at[i]] = std::move(applied[i]);
                return outcomes;
              }));
}

}  // namespace crm::analytics
