#include "services/opportunity/rpc/messages.h"

#include "common/rpc/fields.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

std::string Text(const std::optional<Uuid>& id) { return id && !id->nil() ? id->ToString() : ""; }
std::string Text(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

void Fill(const Money& money, crm::type::v1::Money* message) {
  message->set_currency_code(money.currency);
  message->set_minor_units(money.minor_units);
}
void Fill(const std::string& currency, std::int64_t minor_units, crm::type::v1::Money* message) {
  Fill(Money{currency, minor_units}, message);
}

// What every aggregate's message has.
template <class Aggregate, class Message>
void FillCommon(const Aggregate& aggregate, Message& message) {
  message.set_id(aggregate.id.ToString());
  message.set_owner_id(Text(aggregate.owner_id));
  message.set_etag(std::to_string(aggregate.version));
  *message.mutable_create_time() = rpc::ToTimestamp(aggregate.create_time);
}

}  // namespace

v1::SalesProcess ToMessage(const SalesProcess& process) {
  v1::SalesProcess message;
  FillCommon(process, message);
  message.set_org_unit_id(Text(process.org_unit_id));
  message.set_key(process.key);
  message.set_name(process.name);
  message.set_process_version(process.number);
  for (const Stage& stage : process.stages) {
    v1::SalesStage& to = *message.add_stages();
    to.set_key(stage.key);
    to.set_display_name(stage.name);
    to.set_probability_percent(stage.probability_percent);
    to.set_forecast_category(ToEnum<v1::ForecastCategory>(stage.forecast));
    for (const Gate& gate : stage.gates) {
      v1::StageGate& requirement = *to.add_gates();
      if (gate.kind == Gate::Kind::kRequiredField) requirement.set_required_field(gate.value);
      if (gate.kind == Gate::Kind::kCompletedActivity) requirement.set_completed_activity(gate.value);
      if (gate.kind == Gate::Kind::kContactRole) requirement.set_contact_role(gate.value);
    }
    to.set_expected_days(stage.expected_days);
    to.set_maximum_days(stage.maximum_days);
    to.set_guidance(stage.guidance);
  }
  return message;
}

v1::Opportunity ToMessage(const Opportunity& o) {
  v1::Opportunity message;
  FillCommon(o, message);
  message.set_org_unit_id(Text(o.org_unit_id));
  *message.mutable_update_time() = rpc::ToTimestamp(o.update_time);
  message.set_customer_id(Text(o.customer_id));
  message.set_customer_name(o.customer_name);
  const Details& d = o.details;
  message.set_name(d.name);
  if (d.amount) Fill(*d.amount, message.mutable_amount());
  if (d.expected_close) message.set_expected_close_date(absl::FormatCivilTime(*d.expected_close));
  message.set_grade(std::string(Name(d.grade)));
  message.set_budget(d.budget);
  message.set_need(d.need);
  message.set_interest(d.interest);
  message.set_competitors(d.competitors);
  for (const ContactRole& contact : d.contact_roles) {
    v1::OpportunityContact& to = *message.add_contacts();
    to.set_contact_id(contact.contact_id.ToString());
    to.set_role(contact.role);
  }
  for (const Uuid& id : d.product_ids) message.add_product_ids(id.ToString());
  for (const std::string& name : d.product_names) message.add_product_names(name);
  message.set_source(o.source);
  message.set_campaign(o.campaign);
  message.set_lead_id(Text(o.lead_id));
  message.set_external_id(o.external_id);
  message.set_process_id(o.process_id.ToString());
  message.set_stage(o.stage);
  *message.mutable_stage_entered_time() = rpc::ToTimestamp(o.stage_entered_time);
  message.set_status(ToEnum<v1::OpportunityStatus>(o.status));
  message.set_close_reason(o.close_reason);
  message.set_close_note(o.close_note);
  *message.mutable_open_time() = rpc::ToTimestamp(o.open_time);
  if (o.close_time) *message.mutable_close_time() = rpc::ToTimestamp(*o.close_time);
  message.set_import_id(Text(o.import_id));
  return message;
}

v1::Activity ToMessage(const Activity& a) {
  v1::Activity message;
  FillCommon(a, message);
  message.set_org_unit_id(Text(a.org_unit_id));
  *message.mutable_update_time() = rpc::ToTimestamp(a.update_time);
  message.set_kind(ToEnum<v1::ActivityKind>(a.kind));
  message.set_subject_type(ToEnum<v1::ActivitySubject>(a.subject));
  message.set_subject_id(a.subject_id.ToString());
  message.set_customer_id(Text(a.customer_id));
  message.set_title(a.title);
  message.set_note(a.note);
  message.set_local_time(a.local_time);
  message.set_time_zone(a.time_zone);
  *message.mutable_start_time() = rpc::ToTimestamp(a.start_time);
  message.set_duration_minutes(a.duration_minutes);
  message.set_status(ToEnum<v1::ActivityStatus>(a.status));
  message.set_outcome(a.outcome);
  message.set_met_decision_maker(a.met_decision_maker);
  message.set_spent_minutes(a.spent_minutes);
  if (a.cost) Fill(*a.cost, message.mutable_cost());
  if (a.complete_time) *message.mutable_complete_time() = rpc::ToTimestamp(*a.complete_time);
  return message;
}

v1::Product ToMessage(const Product& p) {
  v1::Product message;
  FillCommon(p, message);
  message.set_org_unit_id(Text(p.org_unit_id));
  *message.mutable_update_time() = rpc::ToTimestamp(p.update_time);
  message.set_sku(p.code);
  message.set_name(p.name);
  message.set_line(p.series);
  message.set_description(p.description);
  Fill(p.list_price, message.mutable_list_price());
  message.set_active(p.active);
  return message;
}

v1::Quote ToMessage(const Quote& q) {
  v1::Quote message;
  FillCommon(q, message);
  message.set_org_unit_id(Text(q.org_unit_id));
  *message.mutable_update_time() = rpc::ToTimestamp(q.update_time);
  message.set_number(q.number);
  message.set_opportunity_id(q.opportunity_id.ToString());
  message.set_opportunity_name(q.opportunity_name);
  message.set_customer_id(Text(q.customer_id));
  message.set_customer_name(q.customer_name);
  message.set_name(q.name);
  message.set_currency_code(q.currency);
  for (const QuoteLine& line : q.lines) {
    v1::QuoteLine& to = *message.add_lines();
    to.set_product_id(line.product_id.ToString());
    to.set_product_name(line.product_name);
    to.set_quantity(line.quantity);
    Fill(q.currency, line.unit_price, to.mutable_unit_price());
    to.set_discount_basis_points(line.discount);
    to.set_tax_basis_points(line.tax_rate);
    Fill(q.currency, line.net, to.mutable_net_amount());
    Fill(q.currency, line.tax, to.mutable_tax_amount());
  }
  message.set_discount_minor_units(q.discount);
  Fill(q.currency, q.subtotal, message.mutable_subtotal());
  Fill(q.currency, q.net, message.mutable_net_total());
  Fill(q.currency, q.tax, message.mutable_tax_total());
  Fill(q.currency, q.total, message.mutable_total());
  for (const Instalment& part : q.instalments) {
    v1::PaymentTerm& to = *message.add_payment_terms();
    to.set_basis_points(part.share);
    to.set_due_days(part.days_after_activation);
    to.set_description(part.label);
    Fill(q.currency, part.amount, to.mutable_amount());
  }
  message.set_valid_until_date(absl::FormatCivilTime(q.valid_until));
  message.set_status(ToEnum<v1::QuoteStatus>(q.status));
  if (q.submit_time) *message.mutable_submit_time() = rpc::ToTimestamp(*q.submit_time);
  if (q.accept_time) *message.mutable_accept_time() = rpc::ToTimestamp(*q.accept_time);
  return message;
}

v1::Notification ToMessage(const Notification& n) {
  v1::Notification message;
  FillCommon(n, message);
  message.set_kind(n.kind);
  message.set_title(n.title);
  message.set_title_zh(n.title_zh);
  message.set_subject_type(n.subject_type);
  message.set_subject_id(n.subject_id.ToString());
  message.set_event_id(n.event_id.ToString());
  *message.mutable_occurred_time() = rpc::ToTimestamp(n.occurred_time);
  if (n.due_time) *message.mutable_due_time() = rpc::ToTimestamp(*n.due_time);
  if (n.read_time) *message.mutable_read_time() = rpc::ToTimestamp(*n.read_time);
  return message;
}

v1::OpportunityImport ToMessage(const OpportunityImport& i) {
  v1::OpportunityImport message;
  message.set_id(i.id.ToString());
  message.set_name(i.name);
  message.set_state(ToEnum<v1::OpportunityImportState>(i.state));
  message.set_rows_read(i.rows_read);
  message.set_rows_imported(i.rows_imported);
  message.set_rows_duplicate(i.rows_duplicate);
  message.set_rows_rejected(i.rows_rejected);
  message.set_values_repaired(i.values_repaired);
  message.set_values_reported(i.values_reported);
  message.set_committed_line(i.committed_line);
  message.set_failure(i.failure);
  message.set_owner_id(i.owner_id.ToString());
  *message.mutable_create_time() = rpc::ToTimestamp(i.create_time);
  *message.mutable_update_time() = rpc::ToTimestamp(i.update_time);
  return message;
}

v1::ImportFinding ToMessage(const Finding& f) {
  v1::ImportFinding message;
  message.set_line(f.line);
  message.set_kind(ToEnum<v1::ImportFindingKind>(f.kind));
  message.set_field(f.field);
  message.set_reason(f.reason);
  message.set_description(f.description);
  message.set_value(f.value);
  return message;
}

v1::ListStageMovesResponse ToMessage(const std::vector<StageMove>& moves) {
  v1::ListStageMovesResponse response;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const StageMove& move = moves[i];
    v1::StageMove& to = *response.add_moves();
    to.set_from_stage(move.from_stage);
    to.set_to_stage(move.to_stage);
    *to.mutable_occurred_time() = rpc::ToTimestamp(move.time);
    if (i > 0) to.set_seconds_in_stage(absl::ToInt64Seconds(move.time - moves[i - 1].time));
    to.set_gates_skipped(move.gates_skipped);
    to.set_actor_id(Text(move.actor_id));
  }
  return response;
}

}  // namespace crm::opportunity
