#include "services/contract_credit/rpc/codecs.h"

#include "crm/event/v1/event.pb.h"
#include "gtest/gtest.h"
#include "services/contract_credit/domain/payment.h"

namespace crm::contract {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 10, 0, 0), absl::UTCTimeZone());
const absl::CivilDay kToday(2026, 11, 22);

template <class DomainEvent>
crm::event::v1::Event Encoded(const DomainEvent& event, const std::string& type) {
  work::Codecs codecs;
  BindCodecs(codecs);
  const outbox::EncodedEvent encoded = codecs.EncodeEvent(event);
  EXPECT_EQ(encoded.type, type);
  crm::event::v1::Event proto;
  EXPECT_TRUE(proto.ParseFromString(encoded.envelope));
  return proto;
}

Contract Active() {
  AcceptedQuote quote;
  quote.id = Uuid::New();
  quote.customer_id = Uuid::New();
  quote.owner_id = Uuid::New();
  quote.customer_name = "华东机械";
  quote.total = {"CNY", 1000};
  quote.terms = {{Share{500'000}, {}, "on signature"}, {Share{500'000}, {.days_after_activation = 30}, ""}};
  Contract c = Draft(quote, "Asia/Shanghai", kToday, kNow).contract;
  Apply(c, Activate(c, kToday, kNow));
  return c;
}

TEST(EventCodecs, AContractTellsItsWholeSchedule) {
  const auto proto = Encoded(ContractActivated{Active(), kToday}, "ContractActivated").contract_activated();
  EXPECT_EQ(proto.start_date(), "2026-11-22");
  EXPECT_EQ(proto.contract().state(), "ACTIVE");
  ASSERT_EQ(proto.contract().instalments_size(), 2);
  EXPECT_EQ(proto.contract().instalments(0).state(), "DUE");
  EXPECT_EQ(proto.contract().instalments(0).description(), "on signature");
  EXPECT_EQ(proto.contract().instalments(1).due_date(), "2026-12-22");
  EXPECT_NE(proto.contract().instalments(0).instalment_id(), proto.contract().instalments(1).instalment_id());
}

TEST(EventCodecs, APaymentTellsWhatItPaidAndWhatIsLeft) {
  const Contract c = Active();
  PaymentTerms terms;
  terms.id = Uuid::New();
  terms.amount = {"CNY", 1100};
  const auto proto = Encoded(Receive(c, terms, kNow).value(), "PaymentReceived").payment_received();
  EXPECT_EQ(proto.allocations_size(), 2);
  EXPECT_EQ(proto.allocations(1).instalment().state(), "PAID");
  EXPECT_EQ(proto.unallocated().minor_units(), 100);
  EXPECT_EQ(proto.received_date(), "2026-11-22");
}

TEST(EventCodecs, TheOwnerIsToldOfAHoldInBothLanguages) {
  const Contract c = Active();
  const auto proto = Encoded(HoldAnnounced{c}, "ReminderDue").reminder_due();
  EXPECT_EQ(proto.recipient_ids(0), c.owner_id.ToString());
  EXPECT_EQ(proto.subject_id(), c.id.ToString());
  EXPECT_NE(proto.title().find(c.number), std::string::npos);
  EXPECT_NE(proto.title_zh().find("合同已挂起"), std::string::npos);
}

TEST(EventCodecs, CreditEventsCarryTheAccount) {
  const CreditAccount account = EmptyAccount(Uuid::New(), "CNY", Uuid(), Uuid(), kNow);
  const auto changed = SetLimit(account, 700, std::nullopt, kNow).value();
  const auto proto = Encoded(changed, "CreditAccountChanged").credit_account_changed();
  EXPECT_EQ(proto.account().limit().minor_units(), 700);
  EXPECT_EQ(proto.previous_limit().minor_units(), 0);
  EXPECT_EQ(proto.cause(), "LIMIT_SET");
  const CreditHeld held{account, Uuid::New(), 5, {"OVER_LIMIT"}};
  EXPECT_EQ(Encoded(held, "CreditHeld").credit_held().reasons(0), "OVER_LIMIT");
}

}  // namespace
}  // namespace crm::contract
