#pragma once
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"
#include "services/contract_credit/app/activate_contract.h"
#include "services/contract_credit/app/draft_contract.h"
#include "services/contract_credit/app/read_contracts.h"
#include "services/contract_credit/app/read_credit.h"
#include "services/contract_credit/app/record_payment.h"
#include "services/contract_credit/app/set_credit_limit.h"
#include "services/contract_credit/app/update_payment_schedule.h"

namespace crm::contract {

// The use cases over a real database. Replies are ids, events are their types.
class UseCaseTest : public ::testing::Test {
 protected:
  UseCaseTest() {
    schema_.Empty();
    codecs_.BindReply<Contract>([](const Contract& c) { return c.id.ToString(); });
    codecs_.BindReply<Payment>([](const Payment& payment) { return payment.id.ToString(); });
    codecs_.BindReply<CreditAccount>([](const CreditAccount& account) { return account.id.ToString(); });
    Name<ContractDrafted>("ContractDrafted");
    Name<ContractUpdated>("ContractUpdated");
    Name<ContractActivated>("ContractActivated");
    Name<ContractCompleted>("ContractCompleted");
    Name<InstalmentDue>("InstalmentDue");
    Name<InstalmentOverdue>("InstalmentOverdue");
    Name<OwnerReminded>("ReminderDue");
    Name<PaymentReceived>("PaymentReceived");
    Name<PaymentReversed>("PaymentReversed");
    Name<CreditAccountChanged>("CreditAccountChanged");
    Name<CreditReserved>("CreditReserved");
    Name<CreditConfirmed>("CreditReleased");
    Name<CreditHeld>("CreditHeld");
    Name<CreditHoldReleased>("CreditHoldReleased");
  }

  template <class Command>
  work::Request<Command> Ask(Command command, work::Once once = {}) const {
    return {{caller_, absl::Now() + absl::Seconds(30), ""}, std::move(command), std::move(once)};
  }
  static work::RequestKey Key(const std::string& id) { return {Sha256(id), Sha256("")}; }

  // Drafts one contract per total for `customer`, by what an accepted quote tells.
  std::vector<Uuid> Drafts(const Uuid& customer, const std::vector<std::int64_t>& totals) {
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
    for (const work::Outcome& outcome : DraftContracts(work_, requests))
      EXPECT_THAT(outcome, testing::IsOk());
    return ids;
  }
  // Customers are who the customer service says: here everybody but those of `strangers_`.
  std::vector<work::Outcome> SetLimits(const std::vector<work::Request<SetCreditLimit>>& requests) {
    const AskCustomers ask = [this](const work::Caller&, const std::vector<Uuid>& ids) {
      std::vector<CustomerReference> customers;
      for (const Uuid& id : ids)
        if (!strangers_.contains(id)) customers.push_back({id, "东海", Uuid::New(), Uuid::New(), ""});
      return customers;
    };
    return SetCreditLimits(work_, pool_, ask, requests);
  }
  void GiveCredit(const Uuid& customer, std::int64_t limit) {
    EXPECT_THAT(SetLimits({Ask(SetCreditLimit{customer, {"CNY", limit}, {}, {}})})[0], testing::IsOk());
  }
  std::vector<work::Outcome> Activate(const std::vector<Uuid>& ids) {
    std::vector<work::Request<ActivateContract>> requests;
    for (const Uuid& id : ids) requests.push_back(Ask(ActivateContract{id, {}}));
    return ActivateContracts(work_, requests);
  }
  // A contract in force whose customer has credit, with one instalment over the whole.
  Uuid ActiveContract(std::int64_t total) {
    const Uuid customer = Uuid::New();
    GiveCredit(customer, total);
    const Uuid id = Drafts(customer, {total})[0];
    EXPECT_THAT(Activate({id})[0], testing::IsOk());
    return id;
  }
  static RecordPayment Pay(const Uuid& contract, std::int64_t minor) {
    RecordPayment payment;
    payment.contract_id = contract;
    payment.terms.amount = {"CNY", minor};
    return payment;
  }

  Contract Read(const Uuid& id) { return GetContracts(pool_, {Ask(GetContract{id})})[0].value(); }
  CreditAccount Account(const Uuid& customer) {
    return GetCreditAccounts(pool_, {Ask(GetCreditAccount{customer, "CNY"})})[0].value();
  }
  std::string One(const std::string& sql) { return schema_.Sql(sql).at(0); }
  // Types of an aggregate's events in the order of their aggregate_seq, which must be gapless.
  std::string EventsOf(const Uuid& aggregate) {
    EXPECT_EQ(One("SELECT count(*) = max(aggregate_seq) FROM outbox WHERE aggregate_id = '" +
                  aggregate.ToString() + "'"),
              "t");
    return One("SELECT string_agg(type, ' ' ORDER BY aggregate_seq) FROM outbox WHERE aggregate_id = '" +
               aggregate.ToString() + "'");
  }
  // Round trips of `run`.
  template <class Run>
  std::int64_t Trips(Run run) {
    const std::int64_t before = pool_.round_trips();
    run();
    return pool_.round_trips() - before;
  }

  // What must be true of all rows, whatever has happened.
  void ExpectBooksInOrder() {
    EXPECT_EQ(
        One("SELECT count(*) FROM contract c WHERE total_minor <> (SELECT coalesce(sum(amount_minor), 0)"
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

  template <class Event>
  void Name(const char* type) {
    codecs_.BindEvent<Event>([type](const Event&) { return outbox::EncodedEvent{type, ""}; });
  }

  testing::TestSchema schema_{"guanxi_contract_credit", "services/contract_credit/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 8}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "contract_credit", codecs_, {}};
  std::set<Uuid> strangers_;
  auth::PrincipalRef caller_ = auth::ServicePrincipal("test");
};

}  // namespace crm::contract
