#include "services/contract_credit/events/hear.h"

#include "crm/event/v1/event.pb.h"
#include "services/contract_credit/app/draft_contract.h"
#include "services/contract_credit/app/note_customer.h"

namespace crm::contract {
namespace {

using stream::Event;

constexpr std::int64_t kMillionthsPerBasisPoint = 100;

Uuid IdOrNil(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

absl::StatusOr<std::optional<DraftContract>> ToDraft(const Event& event) {
  const crm::event::v1::QuoteFacts& facts = event.quote_accepted().quote();
  DraftContract draft;
  AcceptedQuote& quote = draft.quote;
  const std::optional<Uuid> id = Uuid::Parse(facts.quote_id());
  if (!id) return absl::InvalidArgumentError("quote_id is no id");
  if (!IsCurrency(facts.total().currency_code()) || facts.total().minor_units() < 0)
    return absl::InvalidArgumentError("total is no amount");
  quote.id = *id;
  quote.opportunity_id = IdOrNil(facts.opportunity_id());
  quote.customer_id = IdOrNil(facts.customer_id());
  quote.owner_id = IdOrNil(facts.owner_id());
  quote.org_unit_id = IdOrNil(facts.org_unit_id());
  quote.title = facts.opportunity_name();
  quote.customer_name = facts.customer_name();
  quote.total = {facts.total().currency_code(), facts.total().minor_units()};
  for (const auto& term : facts.payment_terms()) {
    quote.terms.push_back({Share{term.basis_points() * kMillionthsPerBasisPoint},
                           {.days_after_activation = term.due_days()},
                           term.description()});
  }
  for (const auto& line : facts.lines())
    if (const auto product = Uuid::Parse(line.product_id())) quote.product_ids.push_back(*product);
  return draft;
}

absl::StatusOr<std::optional<CustomerReference>> ToReference(const crm::event::v1::CustomerFacts& facts) {
  const std::optional<Uuid> id = Uuid::Parse(facts.customer_id());
  if (!id) return absl::InvalidArgumentError("customer_id is no id");
  return CustomerReference{*id, facts.name(), IdOrNil(facts.owner_id()), IdOrNil(facts.org_unit_id()),
                           facts.time_zone()};
}

}  // namespace

void Hear(stream::Consumer& consumer, work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask) {
  consumer.On<DraftContract>("QuoteAccepted", ToDraft, [&work, &pool, ask](auto requests) {
    return DraftContracts(work, pool, ask, requests);
  });

  const auto note = [&work](auto requests) { return NoteCustomers(work, requests); };
  consumer.On<CustomerReference>(
      "CustomerCreated", [](const Event& event) { return ToReference(event.customer_created().customer()); },
      note);
  consumer.On<CustomerReference>(
      "CustomerUpdated", [](const Event& event) { return ToReference(event.customer_updated().customer()); },
      note);
}

}  // namespace crm::contract
