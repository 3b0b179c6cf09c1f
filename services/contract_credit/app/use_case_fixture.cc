#include "services/contract_credit/app/use_case_fixture.h"

#include "common/testing/short_codecs.h"

namespace crm::contract {

using testing::BindNamed;

UseCaseTest::UseCaseTest() {
  schema_.Empty();
  codecs_.BindReply<Contract>([](const Contract& c) { return c.id.ToString(); });
  codecs_.BindReply<Payment>([](const Payment& payment) { return payment.id.ToString(); });
  codecs_.BindReply<CreditAccount>([](const CreditAccount& account) { return account.id.ToString(); });
  BindNamed<ContractDrafted>(codecs_, "ContractDrafted");
  BindNamed<ContractUpdated>(codecs_, "ContractUpdated");
  BindNamed<ContractActivated>(codecs_, "ContractActivated");
  BindNamed<ContractCompleted>(codecs_, "ContractCompleted");
  BindNamed<InstalmentDue>(codecs_, "InstalmentDue");
  BindNamed<InstalmentOverdue>(codecs_, "InstalmentOverdue");
  BindNamed<HoldAnnounced>(codecs_, "ReminderDue");
  BindNamed<PaymentReceived>(codecs_, "PaymentReceived");
  BindNamed<PaymentReversed>(codecs_, "PaymentReversed");
  BindNamed<CreditAccountChanged>(codecs_, "CreditAccountChanged");
  BindNamed<CreditReserved>(codecs_, "CreditReserved");
  BindNamed<CreditConfirmed>(codecs_, "CreditReleased");
  BindNamed<CreditHeld>(codecs_, "CreditHeld");
  BindNamed<CreditHoldReleased>(codecs_, "CreditHoldReleased");
}

std::vector<Uuid> UseCaseTest::Drafts(const Uuid& customer, const std::vector<std::int64_t>& totals) {
  std::vector<work::Request<DraftContract>> requests;
  std::vector<Uuid> ids;
  for (const std::int64_t total : totals) {
    DraftContract draft;
    draft.quote.id = Uuid::New();
    draft.quote.customer_id = customer;
    draft.quote.customer_name = "华东机械有限公司";
    draft.quote.title = "Line 4";
    draft.quote.total = {"CNY", total};
    draft.quote.product_ids = {Uuid::New(), Uuid::New()};
    ids.push_back(ContractId(draft.quote.id));
    requests.push_back(Ask(std::move(draft)));
  }
  for (const work::Outcome& outcome : DraftContracts(work_, requests)) EXPECT_THAT(outcome, testing::IsOk());
  return ids;
}

std::vector<work::Outcome> UseCaseTest::SetLimits(
    const std::vector<work::Request<SetCreditLimit>>& requests) {
  const AskCustomers ask = [this](const work::Caller&, const std::vector<Uuid>& ids) {
    std::vector<CustomerReference> customers;
    for (const Uuid& id : ids)
      if (!strangers_.contains(id)) customers.push_back({id, "东海", Uuid::New(), Uuid::New(), ""});
    return customers;
  };
  return SetCreditLimits(work_, pool_, ask, requests);
}

void UseCaseTest::GiveCredit(const Uuid& customer, std::int64_t limit) {
  EXPECT_THAT(SetLimits({Ask(SetCreditLimit{customer, {"CNY", limit}, {}, {}})})[0], testing::IsOk());
}

std::vector<work::Outcome> UseCaseTest::Activate(const std::vector<Uuid>& ids) {
  std::vector<work::Request<ActivateContract>> requests;
  for (const Uuid& id : ids) requests.push_back(Ask(ActivateContract{id, {}}));
  return ActivateContracts(work_, requests);
}

Uuid UseCaseTest::ActiveContract(std::int64_t total) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, total);
  const Uuid id = Drafts(customer, {total})[0];
  EXPECT_THAT(Activate({id})[0], testing::IsOk());
  return id;
}

RecordPayment UseCaseTest::Pay(const Uuid& contract, std::int64_t minor) {
  RecordPayment payment;
  payment.contract_id = contract;
  payment.terms.amount = {"CNY", minor};
  return payment;
}

Contract UseCaseTest::Read(const Uuid& id) { return GetContracts(pool_, {Ask(GetContract{id})})[0].value(); }

CreditAccount UseCaseTest::Account(const Uuid& customer) {
  return GetCreditAccounts(pool_, {Ask(GetCreditAccount{customer, "CNY"})})[0].value();
}

std::string UseCaseTest::EventsOf(const Uuid& aggregate) {
  EXPECT_EQ(One("SELECT count(*) = max(aggregate_seq) FROM outbox WHERE aggregate_id = '" +
                aggregate.ToString() + "'"),
            "t");
  return One("SELECT string_agg(type, ' ' ORDER BY aggregate_seq) FROM outbox WHERE aggregate_id = '" +
             aggregate.ToString() + "'");
}

void UseCaseTest::ExpectBooksInOrder() {
  EXPECT_EQ(One("SELECT count(*) FROM contract c WHERE total_minor <> (SELECT coalesce(sum(amount_minor), 0)"
                " FROM instalment WHERE contract_id = c.id)"),
            "0");
  EXPECT_EQ(One("SELECT count(*) FROM contract c WHERE paid_minor <> (SELECT coalesce(sum(paid_minor), 0)"
                " FROM instalment WHERE contract_id = c.id)"),
            "0");
  EXPECT_EQ(
      One("SELECT count(*) FROM payment p WHERE allocated_minor <> (SELECT coalesce(sum(amount_minor), 0)"
          " FROM payment_allocation WHERE contract_id = p.contract_id AND payment_id = p.id)"),
      "0");
  EXPECT_EQ(
      One("SELECT count(*) FROM instalment i WHERE paid_minor <> (SELECT coalesce(sum(a.amount_minor), 0)"
          " FROM payment_allocation a JOIN payment p ON p.contract_id = a.contract_id AND p.id = "
          "a.payment_id"
          " WHERE a.contract_id = i.contract_id AND a.instalment_number = i.number"
          " AND p.reversed_time IS NULL)"),
      "0");
  EXPECT_EQ(
      One("SELECT count(*) FROM credit_account a WHERE (receivable_minor, uninvoiced_minor, reserved_minor)"
          " <> (SELECT coalesce(sum(i.amount_minor - i.paid_minor) FILTER (WHERE i.due_time IS NOT NULL), "
          "0),"
          " coalesce(sum(i.amount_minor - i.paid_minor) FILTER (WHERE i.due_time IS NULL), 0), 0::bigint"
          " FROM contract c JOIN instalment i ON i.contract_id = c.id"
          " WHERE c.customer_id = a.customer_id AND c.currency = a.currency"
          " AND c.status IN ('ACTIVE', 'COMPLETED'))"),
      "0");
  EXPECT_EQ(One("SELECT count(*) FROM contract c WHERE version <> (SELECT max(aggregate_seq) FROM outbox"
                " WHERE aggregate_id = c.id)"),
            "0");
  EXPECT_EQ(
      One("SELECT count(*) FROM credit_account c WHERE version <> (SELECT max(aggregate_seq) FROM outbox"
          " WHERE aggregate_id = c.id)"),
      "0");
}

}  // namespace crm::contract
