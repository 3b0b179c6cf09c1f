#include "services/contract_credit/rpc/codecs.h"

#include "absl/time/clock.h"
#include "crm/event/v1/event.pb.h"
#include "services/contract_credit/app/instalment_jobs.h"
#include "services/contract_credit/rpc/to_proto.h"

namespace crm::contract {
namespace {

namespace event = crm::event::v1;

Uuid InstalmentId(const Contract& c, int number) {
  return Uuid::FromName(c.id, "instalment/" + std::to_string(number));
}

// An event's contract was changed in its transaction: its update_time is that transaction's clock.
absl::CivilDay TodayOf(const Contract& c) { return TodayOf(c, c.update_time); }

event::InstalmentFacts FactsOf(const Contract& c, int number) {
  const Instalment& instalment = *c.Find(number);
  event::InstalmentFacts facts;
  facts.set_instalment_id(InstalmentId(c, number).ToString());
  facts.set_number(number);
  *facts.mutable_amount() = ToProto(c.total.currency, instalment.amount_minor);
  *facts.mutable_outstanding() = ToProto(c.total.currency, instalment.outstanding_minor());
  facts.set_due_date(Text(instalment.due_date));
  facts.set_state(std::string(Name(StatusOn(instalment, TodayOf(c)))));
  facts.set_description(instalment.description);
  return facts;
}

event::ContractFacts FactsOf(const Contract& c) {
  event::ContractFacts facts;
  facts.set_contract_id(c.id.ToString());
  facts.set_contract_number(c.number);
  facts.set_customer_id(Text(c.customer_id));
  facts.set_customer_name(c.customer_name);
  facts.set_opportunity_id(Text(c.opportunity_id));
  facts.set_quote_id(Text(c.quote_id));
  facts.set_state(std::string(Name(c.status)));
  *facts.mutable_total() = ToProto(c.total);
  facts.set_owner_id(Text(c.owner_id));
  facts.set_org_unit_id(Text(c.org_unit_id));
  for (const Uuid& product : c.product_ids) facts.add_product_ids(product.ToString());
  facts.set_time_zone(c.time_zone);
  for (const Instalment& instalment : c.instalments) *facts.add_instalments() = FactsOf(c, instalment.number);
  return facts;
}

event::CreditAccountFacts FactsOf(const CreditAccount& account) {
  event::CreditAccountFacts facts;
  facts.set_credit_account_id(account.id.ToString());
  facts.set_customer_id(account.customer_id.ToString());
  facts.set_customer_name(account.customer_name);
  *facts.mutable_limit() = ToProto(account.currency, account.limit_minor);
  *facts.mutable_receivable() = ToProto(account.currency, account.receivable_minor);
  *facts.mutable_uninvoiced() = ToProto(account.currency, account.uninvoiced_minor);
  *facts.mutable_reserved() = ToProto(account.currency, account.reserved_minor);
  facts.set_owner_id(Text(account.owner_id));
  facts.set_org_unit_id(Text(account.org_unit_id));
  return facts;
}

const char* Name(AccountCause cause) {
  switch (cause) {
    case AccountCause::kLimitSet:
      return "LIMIT_SET";
    case AccountCause::kInstalmentDue:
      return "INSTALMENT_DUE";
    case AccountCause::kPaymentReceived:
      return "PAYMENT_RECEIVED";
    case AccountCause::kPaymentReversed:
      return "PAYMENT_REVERSED";
  }
  return "";
}

void AddAllocations(const Contract& c, const Payment& payment,
                    google::protobuf::RepeatedPtrField<event::AllocationFacts>& allocations) {
  for (const Allocation& allocation : payment.allocations) {
    event::AllocationFacts& facts = *allocations.Add();
    facts.set_contract_id(c.id.ToString());
    *facts.mutable_instalment() = FactsOf(c, allocation.instalment_number);
    *facts.mutable_amount() = ToProto(payment.amount.currency, allocation.amount_minor);
  }
}

void Fill(event::Event& out, const ContractDrafted& e) {
  *out.mutable_contract_drafted()->mutable_contract() = FactsOf(e.contract);
}
void Fill(event::Event& out, const ContractUpdated& e) {
  *out.mutable_contract_updated()->mutable_contract() = FactsOf(e.contract);
  out.mutable_contract_updated()->set_previous_state(std::string(Name(e.previous)));
}
void Fill(event::Event& out, const ContractActivated& e) {
  *out.mutable_contract_activated()->mutable_contract() = FactsOf(e.contract);
  out.mutable_contract_activated()->set_start_date(Text(e.start));
}
void Fill(event::Event& out, const ContractCompleted& e) {
  *out.mutable_contract_completed()->mutable_contract() = FactsOf(e.contract);
}
void Fill(event::Event& out, const InstalmentDue& e) {
  *out.mutable_instalment_due()->mutable_contract() = FactsOf(e.contract);
  *out.mutable_instalment_due()->mutable_instalment() = FactsOf(e.contract, e.number);
}
void Fill(event::Event& out, const InstalmentOverdue& e) {
  *out.mutable_instalment_overdue()->mutable_contract() = FactsOf(e.contract);
  *out.mutable_instalment_overdue()->mutable_instalment() = FactsOf(e.contract, e.number);
}

void Fill(event::Event& out, const HoldAnnounced& e) {
  event::ReminderDue& reminder = *out.mutable_reminder_due();
  const Contract& c = e.contract;
  const std::string which = c.customer_name + ", " + c.number;
  if (!c.owner_id.nil()) reminder.add_recipient_ids(c.owner_id.ToString());
  reminder.set_kind("credit_held");
  reminder.set_subject_type(std::string(Contract::kAggregateType));
  reminder.set_subject_id(c.id.ToString());
  reminder.set_title("Held, the customer's credit does not carry it: " + which);
  reminder.set_title_zh("客户信用额度不足，合同已挂起：" + which);
}

void Fill(event::Event& out, const PaymentReceived& e) {
  event::PaymentReceived& received = *out.mutable_payment_received();
  received.set_payment_id(e.payment.id.ToString());
  received.set_customer_id(Text(e.contract.customer_id));
  *received.mutable_amount() = ToProto(e.payment.amount);
  AddAllocations(e.contract, e.payment, *received.mutable_allocations());
  *received.mutable_unallocated() = ToProto(e.payment.amount.currency, e.payment.unallocated_minor());
  received.set_received_date(Text(absl::ToCivilDay(e.payment.received_time, ZoneOf(e.contract))));
  received.set_reference(e.payment.reference);
  received.set_contract_id(e.contract.id.ToString());
  received.set_owner_id(Text(e.contract.owner_id));
  received.set_org_unit_id(Text(e.contract.org_unit_id));
  received.set_customer_name(e.contract.customer_name);
}
void Fill(event::Event& out, const PaymentReversed& e) {
  event::PaymentReversed& reversed = *out.mutable_payment_reversed();
  reversed.set_payment_id(e.payment.id.ToString());
  reversed.set_customer_id(Text(e.contract.customer_id));
  *reversed.mutable_amount() = ToProto(e.payment.amount);
  AddAllocations(e.contract, e.payment, *reversed.mutable_allocations());
  reversed.set_reason(e.payment.reverse_reason);
  reversed.set_contract_id(e.contract.id.ToString());
}

void Fill(event::Event& out, const CreditAccountChanged& e) {
  event::CreditAccountChanged& changed = *out.mutable_credit_account_changed();
  *changed.mutable_account() = FactsOf(e.account);
  if (e.previous_limit_minor)
    *changed.mutable_previous_limit() = ToProto(e.account.currency, *e.previous_limit_minor);
  changed.set_cause(Name(e.cause));
  changed.set_cause_id(Text(e.cause_id));
}
// A contract has one reservation: it goes by the contract's id.
void Fill(event::Event& out, const CreditReserved& e) {
  event::CreditReserved& reserved = *out.mutable_credit_reserved();
  *reserved.mutable_account() = FactsOf(e.account);
  reserved.set_reservation_id(e.contract_id.ToString());
  reserved.set_contract_id(e.contract_id.ToString());
  *reserved.mutable_amount() = ToProto(e.account.currency, e.amount_minor);
}
void Fill(event::Event& out, const CreditConfirmed& e) {
  event::CreditReleased& released = *out.mutable_credit_released();
  *released.mutable_account() = FactsOf(e.account);
  released.set_reservation_id(e.contract_id.ToString());
  released.set_contract_id(e.contract_id.ToString());
  *released.mutable_amount() = ToProto(e.account.currency, e.amount_minor);
  released.set_cause("CONFIRMED");
}
void Fill(event::Event& out, const CreditHeld& e) {
  event::CreditHeld& held = *out.mutable_credit_held();
  *held.mutable_account() = FactsOf(e.account);
  held.set_contract_id(e.contract_id.ToString());
  for (const std::string& reason : e.reasons) held.add_reasons(reason);
  *held.mutable_amount() = ToProto(e.account.currency, e.amount_minor);
}
void Fill(event::Event& out, const CreditHoldReleased& e) {
  event::CreditHoldReleased& released = *out.mutable_credit_hold_released();
  *released.mutable_account() = FactsOf(e.account);
  released.set_contract_id(e.contract_id.ToString());
  released.set_decision("RELEASED");
  released.set_note(e.note);
}

template <class DomainEvent>
void Bind(work::Codecs& codecs, const char* type) {
  codecs.BindEvent<DomainEvent>([type](const DomainEvent& e) {
    event::Event out;
    Fill(out, e);
    return outbox::EncodedEvent{type, out.SerializeAsString()};
  });
}

}  // namespace

void BindCodecs(work::Codecs& codecs) {
  codecs.BindReply<Contract>([](const Contract& c) { return ToProto(c, absl::Now()).SerializeAsString(); });
  codecs.BindReply<Payment>([](const Payment& payment) { return ToProto(payment).SerializeAsString(); });
  codecs.BindReply<CreditAccount>(
      [](const CreditAccount& account) { return ToProto(account).SerializeAsString(); });

  Bind<ContractDrafted>(codecs, "ContractDrafted");
  Bind<ContractUpdated>(codecs, "ContractUpdated");
  Bind<ContractActivated>(codecs, "ContractActivated");
  Bind<ContractCompleted>(codecs, "ContractCompleted");
  Bind<InstalmentDue>(codecs, "InstalmentDue");
  Bind<InstalmentOverdue>(codecs, "InstalmentOverdue");
  Bind<HoldAnnounced>(codecs, "ReminderDue");
  Bind<PaymentReceived>(codecs, "PaymentReceived");
  Bind<PaymentReversed>(codecs, "PaymentReversed");
  Bind<CreditAccountChanged>(codecs, "CreditAccountChanged");
  Bind<CreditReserved>(codecs, "CreditReserved");
  Bind<CreditConfirmed>(codecs, "CreditReleased");
  Bind<CreditHeld>(codecs, "CreditHeld");
  Bind<CreditHoldReleased>(codecs, "CreditHoldReleased");
}

}  // namespace crm::contract
