#include "services/contract_credit/rpc/to_proto.h"

#include "common/rpc/fields.h"
#include "services/contract_credit/app/instalment_jobs.h"

namespace crm::contract {
namespace {

// The values of ContractState and InstalmentState follow those of the domain, behind UNSPECIFIED.
v1::ContractState StateOf(ContractStatus status) {
  return static_cast<v1::ContractState>(static_cast<int>(status) + 1);
}
static_assert(static_cast<int>(ContractStatus::kTerminated) + 1 == v1::CONTRACT_STATE_TERMINATED);

v1::InstalmentState StateOf(InstalmentStatus status) {
  return static_cast<v1::InstalmentState>(static_cast<int>(status) + 1);
}
static_assert(static_cast<int>(InstalmentStatus::kPaid) + 1 == v1::INSTALMENT_STATE_PAID);

v1::Instalment InstalmentOf(const Instalment& instalment, const std::string& currency, absl::CivilDay today) {
  v1::Instalment proto;
  proto.set_number(instalment.number);
  proto.set_description(instalment.description);
  *proto.mutable_amount() = ToProto(currency, instalment.amount_minor);
  *proto.mutable_paid() = ToProto(currency, instalment.paid_minor);
  *proto.mutable_outstanding() = ToProto(currency, instalment.outstanding_minor());
  if (instalment.share) proto.set_percent(FormatPercent(*instalment.share));
  proto.set_due_date(Text(instalment.due_date));
  proto.set_days_after_activation(instalment.due.days_after_activation);
  proto.set_end_of_month(instalment.due.end_of_month);
  proto.set_state(StateOf(StatusOn(instalment, today)));
  proto.set_days_overdue(DaysOverdue(instalment, today));
  return proto;
}

v1::CreditHold HoldOf(const CreditHold& hold, const std::string& currency) {
  v1::CreditHold proto;
  for (const std::string& reason : hold.reasons) proto.add_reasons(reason);
  *proto.mutable_excess() = ToProto(currency, hold.excess_minor);
  *proto.mutable_held_time() = rpc::ToTimestamp(hold.held_time);
  if (hold.released_time) *proto.mutable_release_time() = rpc::ToTimestamp(*hold.released_time);
  proto.set_released_by(Text(hold.released_by));
  proto.set_release_reason(hold.release_reason);
  return proto;
}

}  // namespace

std::string Text(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

std::string Text(const std::optional<absl::CivilDay>& day) { return day ? absl::FormatCivilTime(*day) : ""; }

crm::type::v1::Money ToProto(std::string_view currency, std::int64_t minor_units) {
  crm::type::v1::Money proto;
  proto.set_currency_code(std::string(currency));
  proto.set_minor_units(minor_units);
  return proto;
}

v1::Contract ToProto(const Contract& c, absl::Time now) {
  v1::Contract proto;
  const std::string& currency = c.total.currency;
  proto.set_id(c.id.ToString());
  proto.set_number(c.number);
  proto.set_title(c.title);
  proto.set_state(StateOf(c.status));
  proto.set_quote_id(Text(c.quote_id));
  proto.set_opportunity_id(Text(c.opportunity_id));
  proto.set_customer_id(Text(c.customer_id));
  proto.set_customer_name(c.customer_name);
  for (const Uuid& product : c.product_ids) proto.add_product_ids(product.ToString());
  *proto.mutable_total() = ToProto(c.total);
  *proto.mutable_paid() = ToProto(currency, c.paid_minor());
  *proto.mutable_outstanding() = ToProto(currency, c.outstanding_minor());
  *proto.mutable_unallocated() = ToProto(currency, c.unallocated_minor);
  proto.set_time_zone(c.time_zone);
  for (const Instalment& instalment : c.instalments)
    *proto.add_instalments() = InstalmentOf(instalment, currency, TodayOf(c, now));
  if (c.hold) *proto.mutable_credit_hold() = HoldOf(*c.hold, currency);
  proto.set_owner_id(Text(c.owner_id));
  proto.set_org_unit_id(Text(c.org_unit_id));
  proto.set_etag(std::to_string(c.version));
  if (c.activate_time) *proto.mutable_activate_time() = rpc::ToTimestamp(*c.activate_time);
  if (c.complete_time) *proto.mutable_complete_time() = rpc::ToTimestamp(*c.complete_time);
  *proto.mutable_create_time() = rpc::ToTimestamp(c.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(c.update_time);
  return proto;
}

v1::Payment ToProto(const Payment& payment) {
  v1::Payment proto;
  proto.set_id(payment.id.ToString());
  proto.set_contract_id(payment.contract_id.ToString());
  *proto.mutable_amount() = ToProto(payment.amount);
  for (const Allocation& allocation : payment.allocations) {
    v1::PaymentAllocation& added = *proto.add_allocations();
    added.set_instalment_number(allocation.instalment_number);
    *added.mutable_amount() = ToProto(payment.amount.currency, allocation.amount_minor);
  }
  *proto.mutable_unallocated() = ToProto(payment.amount.currency, payment.unallocated_minor());
  *proto.mutable_received_time() = rpc::ToTimestamp(payment.received_time);
  proto.set_method(payment.method);
  proto.set_reference(payment.reference);
  proto.set_recorded_by(Text(payment.recorded_by));
  *proto.mutable_create_time() = rpc::ToTimestamp(payment.create_time);
  if (payment.reversed_time) *proto.mutable_reverse_time() = rpc::ToTimestamp(*payment.reversed_time);
  proto.set_reverse_reason(payment.reverse_reason);
  return proto;
}

v1::CreditAccount ToProto(const CreditAccount& account) {
  v1::CreditAccount proto;
  const std::string& currency = account.currency;
  proto.set_id(account.id.ToString());
  proto.set_customer_id(account.customer_id.ToString());
  proto.set_customer_name(account.customer_name);
  *proto.mutable_limit() = ToProto(currency, account.limit_minor);
  if (account.limit_expire_time)
    *proto.mutable_limit_expire_time() = rpc::ToTimestamp(*account.limit_expire_time);
  *proto.mutable_receivable() = ToProto(currency, account.receivable_minor);
  *proto.mutable_uninvoiced() = ToProto(currency, account.uninvoiced_minor);
  *proto.mutable_reserved() = ToProto(currency, account.reserved_minor);
  *proto.mutable_exposure() = ToProto(currency, account.exposure_minor());
  *proto.mutable_available() = ToProto(currency, account.available_minor());
  proto.set_owner_id(Text(account.owner_id));
  proto.set_org_unit_id(Text(account.org_unit_id));
  proto.set_etag(std::to_string(account.version));
  if (account.version > 0) *proto.mutable_update_time() = rpc::ToTimestamp(account.update_time);
  return proto;
}

v1::CheckCreditResponse ToProto(const CreditAnswer& answer) {
  v1::CheckCreditResponse proto;
  proto.set_approved(answer.decision.approved());
  for (const std::string& reason : answer.decision.reasons) proto.add_reasons(reason);
  *proto.mutable_available() = ToProto(answer.currency, answer.decision.available_minor);
  *proto.mutable_excess() = ToProto(answer.currency, answer.decision.excess_minor);
  return proto;
}

}  // namespace crm::contract
