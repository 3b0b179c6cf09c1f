#include "services/opportunity/rpc/codecs.h"

#include "common/rpc/fields.h"
#include "crm/event/v1/event.pb.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/rpc/messages.h"

namespace crm::opportunity {
namespace {

namespace ev = crm::event::v1;

std::string Text(const Uuid& id) { return id.nil() ? "" : id.ToString(); }
std::string Text(const std::optional<Uuid>& id) { return id ? Text(*id) : ""; }
std::string Text(std::string_view text) { return std::string(text); }

void Fill(const Money& money, crm::type::v1::Money* to) {
  to->set_currency_code(money.currency);
  to->set_minor_units(money.minor_units);
}
void Fill(const std::string& currency, std::int64_t minor_units, crm::type::v1::Money* to) {
  Fill(Money{currency, minor_units}, to);
}

void Fill(const Stage& stage, int order, ev::StageFacts* to) {
  to->set_key(stage.key);
  to->set_name(stage.name);
  to->set_order(order + 1);
  to->set_probability_percent(stage.probability_percent);
  to->set_forecast_category(Text(Name(stage.forecast)));
  to->set_expected_days(stage.expected_days);
  to->set_max_days(stage.maximum_days);
}
void Fill(const Standing& at, ev::StageFacts* to) { Fill(at.stage, at.order, to); }

void Fill(const Opportunity& o, const Standing& at, ev::OpportunityFacts* to) {
  to->set_opportunity_id(o.id.ToString());
  to->set_name(o.details.name);
  to->set_customer_id(Text(o.customer_id));
  to->set_customer_name(o.customer_name);
  to->set_owner_id(Text(o.owner_id));
  to->set_org_unit_id(Text(o.org_unit_id));
  if (o.details.amount) Fill(*o.details.amount, to->mutable_amount());
  to->set_process_id(o.process_id.ToString());
  to->set_process_version(at.process_number);
  Fill(at, to->mutable_stage());
  to->set_status(Text(Name(o.status)));
  to->set_grade(Text(Name(o.details.grade)));
  if (o.details.expected_close) to->set_expected_close_date(absl::FormatCivilTime(*o.details.expected_close));
  to->set_source(o.source);
  to->set_campaign(o.campaign);
  to->set_lead_id(Text(o.lead_id));
  for (const Uuid& id : o.details.product_ids) to->add_product_ids(id.ToString());
  for (const std::string& name : o.details.product_names) to->add_product_names(name);
  to->set_external_id(o.external_id);
  to->set_import_id(Text(o.import_id));
  *to->mutable_opened_time() = rpc::ToTimestamp(o.open_time);
}

void Fill(const Activity& a, ev::ActivityFacts* to) {
  to->set_activity_id(a.id.ToString());
  to->set_kind(Text(Name(a.kind)));
  to->set_subject(a.title);
  to->set_subject_type(Text(Name(a.subject)));
  to->set_subject_id(a.subject_id.ToString());
  *to->mutable_due_time() = rpc::ToTimestamp(a.start_time);
  to->set_owner_id(Text(a.owner_id));
  to->set_org_unit_id(Text(a.org_unit_id));
  to->set_customer_id(Text(a.customer_id));
}

void Fill(const Quote& q, ev::QuoteFacts* to) {
  to->set_quote_id(q.id.ToString());
  to->set_quote_number(q.number);
  to->set_opportunity_id(q.opportunity_id.ToString());
  to->set_opportunity_name(q.opportunity_name);
  to->set_customer_id(Text(q.customer_id));
  to->set_customer_name(q.customer_name);
  to->set_state(Text(Name(q.status)));
  Fill(q.currency, q.net, to->mutable_net_total());
  Fill(q.currency, q.tax, to->mutable_tax_total());
  Fill(q.currency, q.total, to->mutable_total());
  for (const QuoteLine& line : q.lines) {
    ev::QuoteLineFacts& facts = *to->add_lines();
    facts.set_line_number(to->lines_size());
    facts.set_product_id(line.product_id.ToString());
    facts.set_product_name(line.product_name);
    facts.set_quantity(line.quantity);
    Fill(q.currency, line.unit_price, facts.mutable_unit_price());
    Fill(q.currency, line.net, facts.mutable_net_amount());
    Fill(q.currency, line.tax, facts.mutable_tax_amount());
  }
  for (const Instalment& part : q.instalments) {
    ev::PaymentTermFacts& facts = *to->add_payment_terms();
    facts.set_basis_points(part.share);
    facts.set_due_days(part.days_after_activation);
    facts.set_description(part.label);
  }
  to->set_owner_id(Text(q.owner_id));
  to->set_org_unit_id(Text(q.org_unit_id));
  to->set_valid_until_date(absl::FormatCivilTime(q.valid_until));
}

void BindReplies(work::Codecs& codecs) {
  const auto bind = [&]<class Reply>(std::type_identity<Reply>) {
    codecs.BindReply<Reply>([](const Reply& reply) { return ToMessage(reply).SerializeAsString(); });
  };
  bind(std::type_identity<SalesProcess>());
  bind(std::type_identity<Opportunity>());
  bind(std::type_identity<Activity>());
  bind(std::type_identity<Product>());
  bind(std::type_identity<Quote>());
  bind(std::type_identity<Notification>());
}

// Binds Happened to the payload of the same kind: `payload` picks it from the envelope, `fill` writes it.
template <class Happened, class Payload, class FillIn>
void Bind(work::Codecs& codecs, Payload* (ev::Event::*payload)(), FillIn fill) {
  codecs.BindEvent<Happened>([payload, fill](const Happened& happened) {
    ev::Event event;
    fill(happened, *(event.*payload)());
    return outbox::EncodedEvent{Payload::descriptor()->name(), event.SerializeAsString()};
  });
}

void BindOpportunityEvents(work::Codecs& codecs) {
  using E = ev::Event;
  Bind<OpportunityCreated>(codecs, &E::mutable_opportunity_created,
                           [](const auto& e, ev::OpportunityCreated& to) {
                             Fill(e.opportunity, e.at, to.mutable_opportunity());
                             to.set_history(e.opportunity.history());
                             if (e.lead_captured_time)
                               *to.mutable_lead_captured_time() = rpc::ToTimestamp(*e.lead_captured_time);
                           });
  Bind<OpportunityUpdated>(codecs, &E::mutable_opportunity_updated,
                           [](const auto& e, ev::OpportunityUpdated& to) {
                             Fill(e.opportunity, e.at, to.mutable_opportunity());
                             for (const std::string& field : e.fields) to.add_changed_fields(field);
                           });
  Bind<OpportunityAmountChanged>(codecs, &E::mutable_opportunity_amount_changed,
                                 [](const auto& e, ev::OpportunityAmountChanged& to) {
                                   Fill(e.opportunity, e.at, to.mutable_opportunity());
                                   if (e.from) Fill(*e.from, to.mutable_previous_amount());
                                 });
  Bind<OpportunityStageMoved>(codecs, &E::mutable_opportunity_stage_moved,
                              [](const auto& e, ev::OpportunityStageMoved& to) {
                                Fill(e.opportunity, e.at, to.mutable_opportunity());
                                Fill(e.from, to.mutable_from());
                                *to.mutable_from_entered_time() = rpc::ToTimestamp(e.from_entered_time);
                              });
  Bind<OpportunityWon>(codecs, &E::mutable_opportunity_won, [](const auto& e, ev::OpportunityWon& to) {
    Fill(e.opportunity, e.at, to.mutable_opportunity());
    to.set_reason(e.opportunity.close_reason);
    to.set_note(e.opportunity.close_note);
    to.set_quote_id(Text(e.quote_id));
    *to.mutable_stage_entered_time() = rpc::ToTimestamp(e.opportunity.stage_entered_time);
    to.set_gates_skipped(e.opportunity.history());
  });
  Bind<OpportunityLost>(codecs, &E::mutable_opportunity_lost, [](const auto& e, ev::OpportunityLost& to) {
    Fill(e.opportunity, e.at, to.mutable_opportunity());
    to.set_reason(e.opportunity.close_reason);
    to.set_note(e.opportunity.close_note);
    to.set_competitor(e.competitor);
    *to.mutable_stage_entered_time() = rpc::ToTimestamp(e.opportunity.stage_entered_time);
  });
}

void BindQuoteEvents(work::Codecs& codecs) {
  using E = ev::Event;
  Bind<QuoteDrafted>(codecs, &E::mutable_quote_drafted,
                     [](const auto& e, ev::QuoteDrafted& to) { Fill(e.quote, to.mutable_quote()); });
  Bind<QuoteSubmitted>(codecs, &E::mutable_quote_submitted,
                       [](const auto& e, ev::QuoteSubmitted& to) { Fill(e.quote, to.mutable_quote()); });
  Bind<QuoteAccepted>(codecs, &E::mutable_quote_accepted, [](const auto& e, ev::QuoteAccepted& to) {
    Fill(e.quote, to.mutable_quote());
    to.set_lead_id(Text(e.quote.lead_id));
  });
}

void BindOtherEvents(work::Codecs& codecs) {
  using E = ev::Event;
  Bind<SalesProcessPublished>(codecs, &E::mutable_sales_process_changed,
                              [](const auto& e, ev::SalesProcessChanged& to) {
                                to.set_process_id(e.process.id.ToString());
                                to.set_process_key(e.process.key);
                                to.set_name(e.process.name);
                                to.set_process_version(e.process.number);
                                int order = 0;
                                for (const Stage& stage : e.process.stages)
                                  Fill(stage, order++, to.add_stages());
                                to.set_org_unit_id(Text(e.process.org_unit_id));
                              });
  Bind<ProductCreated>(codecs, &E::mutable_product_changed, [](const auto& e, ev::ProductChanged& to) {
    to.set_product_id(e.product.id.ToString());
    to.set_sku(e.product.code);
    to.set_name(e.product.name);
    to.set_line(e.product.series);
    Fill(e.product.list_price, to.mutable_list_price());
    to.set_active(e.product.active);
  });
  Bind<ActivityScheduled>(
      codecs, &E::mutable_activity_scheduled,
      [](const auto& e, ev::ActivityScheduled& to) { Fill(e.activity, to.mutable_activity()); });
  Bind<ActivityCompleted>(codecs, &E::mutable_activity_completed,
                          [](const auto& e, ev::ActivityCompleted& to) {
                            Fill(e.activity, to.mutable_activity());
                            to.set_outcome(e.activity.outcome);
                            to.set_met_decision_maker(e.activity.met_decision_maker);
                            to.set_spent_minutes(e.activity.spent_minutes);
                            if (e.activity.cost) Fill(*e.activity.cost, to.mutable_cost());
                          });
  Bind<NotificationPosted>(codecs, &E::mutable_notification_posted,
                           [](const auto& e, ev::NotificationPosted& to) {
                             to.set_notification_id(e.notification.id.ToString());
                             to.set_recipient_id(e.notification.owner_id.ToString());
                             to.set_kind(e.notification.kind);
                             to.set_subject_type(e.notification.subject_type);
                             to.set_subject_id(e.notification.subject_id.ToString());
                           });
  Bind<NotificationRead>(codecs, &E::mutable_notification_read, [](const auto& e, ev::NotificationRead& to) {
    to.set_notification_id(e.notification.id.ToString());
    to.set_recipient_id(e.notification.owner_id.ToString());
  });
  Bind<ImportChanged>(codecs, &E::mutable_import_changed, [](const auto& e, ev::ImportChanged& to) {
    to.set_import_id(e.import.id.ToString());
    to.set_kind("opportunities");
    to.set_name(e.import.name);
    to.set_state(Text(imports::Name(e.import.state)));
    to.set_rows_read(e.import.rows_read);
    to.set_rows_imported(e.import.rows_imported);
    to.set_rows_rejected(e.import.rows_rejected);
    to.set_rows_duplicate(e.import.rows_duplicate);
  });
}

}  // namespace

void BindCodecs(work::Codecs& codecs) {
  BindReplies(codecs);
  BindOpportunityEvents(codecs);
  BindQuoteEvents(codecs);
  BindOtherEvents(codecs);
}

}  // namespace crm::opportunity
