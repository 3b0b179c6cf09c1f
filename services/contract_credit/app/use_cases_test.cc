#include <map>

#include "common/status/errors.h"
#include "common/testing/concurrent.h"
#include "gmock/gmock.h"
#include "services/contract_credit/app/announce_instalment.h"
#include "services/contract_credit/app/note_customer.h"
#include "services/contract_credit/app/release_credit_hold.h"
#include "services/contract_credit/app/reverse_payment.h"
#include "services/contract_credit/app/use_case_fixture.h"

namespace crm::contract {
namespace {

using ::testing::Each;
using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;

ScheduleLine Percent(const char* text, int days = 0) {
  return {*ParsePercent(text), {.days_after_activation = days}};
}

TEST_F(UseCaseTest, AQuoteIsDraftedOnceHoweverOftenItIsAccepted) {
  DraftContract draft;
  draft.quote.id = Uuid::New();
  draft.quote.total = {"CNY", 100};
  const work::EventKey once{"opportunity", Uuid::New(), draft.quote.id, 1};
  EXPECT_THAT(DraftContracts(work_, {Ask(draft, once), Ask(draft)}), Each(IsOk()));
  EXPECT_THAT(DraftContracts(work_, {Ask(draft, once)}), Each(IsOk()));
  EXPECT_THAT(DraftContracts(work_, {Ask(draft)}), Each(IsOk()));
  EXPECT_EQ(One("SELECT count(*) FROM contract"), "1");
  EXPECT_EQ(EventsOf(ContractId(draft.quote.id)), "ContractDrafted");
  EXPECT_EQ(Read(ContractId(draft.quote.id)).instalments.size(), 1u);
}

TEST_F(UseCaseTest, ADraftCountsItsDaysInTheCustomersZone) {
  CustomerReference customer{Uuid::New(), "华东机械", Uuid::New(), Uuid::New(), "Asia/Shanghai"};
  EXPECT_THAT(NoteCustomers(work_, {Ask(customer), Ask(customer)}), Each(IsOk()));
  const Contract known = Read(Drafts(customer.id, {100})[0]), unknown = Read(Drafts(Uuid::New(), {100})[0]);
  EXPECT_EQ(known.time_zone, "Asia/Shanghai");
  EXPECT_EQ(unknown.time_zone, "UTC");
  EXPECT_EQ(known.product_ids.size(), 2u);
  GiveCredit(customer.id, 5);
  EXPECT_EQ(Account(customer.id).customer_name, "华东机械");
}

TEST_F(UseCaseTest, AScheduleMayBecomeShorterAndAddsUp) {
  const Uuid id = Drafts(Uuid::New(), {10'001})[0];
  const auto change = [&](std::vector<ScheduleLine> lines) {
    return UpdatePaymentSchedules(work_, {Ask(UpdatePaymentSchedule{id, std::move(lines), "", {}})})[0];
  };
  EXPECT_THAT(change({Percent("33.34"), Percent("33.33"), Percent("33.33")}), IsOk());
  EXPECT_EQ(Read(id).instalments[0].amount_minor, 3335);
  EXPECT_THAT(change({Percent("50"), Percent("50")}), IsOk());
  EXPECT_EQ(Read(id).instalments.size(), 2u);
  EXPECT_THAT(change({Percent("33.33"), Percent("33.33"), Percent("33.33")}),
              HasViolation("instalments", "PERCENTAGES_NOT_100"));
  ExpectBooksInOrder();
  EXPECT_EQ(EventsOf(id), "ContractDrafted ContractUpdated ContractUpdated");
}

TEST_F(UseCaseTest, AStaleEtagChangesNothing) {
  const Uuid id = Drafts(Uuid::New(), {100})[0];
  EXPECT_THAT(UpdatePaymentSchedules(work_, {Ask(UpdatePaymentSchedule{id, {Percent("100")}, "", 7})})[0],
              HasReason("STALE_ETAG"));
  EXPECT_THAT(ActivateContracts(work_, {Ask(ActivateContract{id, 7})})[0], HasReason("STALE_ETAG"));
  EXPECT_EQ(EventsOf(id), "ContractDrafted");
}

TEST_F(UseCaseTest, ActivationTakesCreditAndHasInstalmentsChased) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 1000);
  const Uuid id = Drafts(customer, {600})[0];
  EXPECT_THAT(Activate({id})[0], IsOk());
  const Contract c = Read(id);
  EXPECT_EQ(c.status, ContractStatus::kActive);
  EXPECT_TRUE(c.instalments[0].due_date);
  EXPECT_EQ(Account(customer).uninvoiced_minor, 600);
  EXPECT_EQ(Account(customer).available_minor(), 400);
  EXPECT_EQ(EventsOf(id), "ContractDrafted ContractActivated");
  EXPECT_EQ(EventsOf(CreditAccountId(customer, "CNY")), "CreditAccountChanged CreditReserved CreditReleased");
  EXPECT_EQ(One("SELECT string_agg(kind, ' ' ORDER BY due_time) FROM job WHERE state = 'PENDING'"),
            "instalment_due instalment_overdue");
  ExpectBooksInOrder();
  EXPECT_THAT(Activate({id})[0], HasReason("ILLEGAL_STATE_MOVE"));
}

TEST_F(UseCaseTest, OverTheLimitIsHeldUntilTheLimitIsRaisedOrTheHoldReleased) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 100);
  const std::vector<Uuid> ids = Drafts(customer, {600, 700});
  EXPECT_THAT(Activate(ids), Each(IsOk()));
  EXPECT_EQ(Read(ids[0]).status, ContractStatus::kPendingCredit);
  EXPECT_EQ(Read(ids[0]).hold->excess_minor, 500);
  EXPECT_EQ(Account(customer).exposure_minor(), 0);
  EXPECT_THAT(Activate(ids), Each(IsOk()));  // still held, and nothing new to say
  EXPECT_EQ(EventsOf(ids[0]), "ContractDrafted ContractUpdated ReminderDue");

  GiveCredit(customer, 600);
  EXPECT_THAT(Activate({ids[0]})[0], IsOk());
  EXPECT_EQ(Read(ids[0]).status, ContractStatus::kActive);
  const ReleaseCreditHold release{ids[1], "bank guarantee", {}};
  EXPECT_THAT(ReleaseCreditHolds(work_, {Ask(release)})[0], IsOk());
  EXPECT_EQ(Read(ids[1]).status, ContractStatus::kActive);
  EXPECT_EQ(Read(ids[1]).hold->release_reason, "bank guarantee");
  EXPECT_EQ(Account(customer).uninvoiced_minor, 1300);
  EXPECT_THAT(ReleaseCreditHolds(work_, {Ask(release)})[0], HasReason("ILLEGAL_STATE_MOVE"));
  ExpectBooksInOrder();
  EXPECT_EQ(AskForCredit(pool_, {Ask(AskCredit{customer, {"CNY", 1}})})[0]->decision.reasons[0],
            "OVER_LIMIT");
}

TEST_F(UseCaseTest, CreditIsGivenToCustomersOnly) {
  const Uuid stranger = Uuid::New(), customer = Uuid::New();
  strangers_.insert(stranger);
  const auto outcomes = SetLimits(
      {Ask(SetCreditLimit{stranger, {"CNY", 5}, {}, {}}), Ask(SetCreditLimit{customer, {"CNY", 5}, {}, {}})});
  EXPECT_THAT(outcomes[0], HasReason("CUSTOMER_NOT_FOUND"));
  EXPECT_THAT(outcomes[1], IsOk());
  EXPECT_EQ(Account(customer).customer_name, "东海");
  const AskCustomers nobody = [](const work::Caller&, const std::vector<Uuid>&) {
    return errors::Unavailable("PEER_UNAVAILABLE", "the customer service cannot be asked now");
  };
  EXPECT_THAT(SetCreditLimits(work_, pool_, nobody, {Ask(SetCreditLimit{stranger, {"CNY", 5}, {}, {}})})[0],
              HasReason("PEER_UNAVAILABLE"));
  NoteCustomers(work_, {Ask(CustomerReference{stranger, "新客", Uuid::New(), Uuid::New(), ""})});
  EXPECT_THAT(SetCreditLimits(work_, pool_, nobody, {Ask(SetCreditLimit{stranger, {"CNY", 5}, {}, {}})})[0],
              IsOk())
      << "heard of by now";
}

TEST_F(UseCaseTest, TheDatabaseItselfRefusesExposurePastTheCeiling) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 100);
  EXPECT_ANY_THROW(schema_.Sql("UPDATE credit_account SET reserved_minor = 101"));
}

TEST_F(UseCaseTest, ManyAtOnceNeverTakeMoreThanTheLimit) {
  constexpr int kThreads = 8, kEach = 6;
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 20);  // of 48 that want 1 each
  const std::vector<Uuid> ids = Drafts(customer, std::vector<std::int64_t>(kThreads * kEach, 1));
  testing::RunConcurrently(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i)
      while (Activate({ids[static_cast<std::size_t>(thread) * kEach + static_cast<std::size_t>(i)]})[0]
                 .status()
                 .code() == absl::StatusCode::kAborted) {
      }
  });
  EXPECT_EQ(Account(customer).exposure_minor(), 20);
  EXPECT_EQ(One("SELECT string_agg(status || ' ' || n, ', ' ORDER BY status) FROM"
                " (SELECT status, count(*) AS n FROM contract GROUP BY status) s"),
            "ACTIVE 20, PENDING_CREDIT 28");
  ExpectBooksInOrder();
}

TEST_F(UseCaseTest, PaymentsFreeCreditAndCompleteTheContract) {
  const Uuid id = ActiveContract(1000);
  const Uuid customer = Read(id).customer_id;
  EXPECT_THAT(RecordPayments(work_, {Ask(Pay(id, 400), Key("a")), Ask(Pay(id, 400), Key("a"))}),
              Each(IsOk()));
  EXPECT_EQ(Read(id).outstanding_minor(), 600) << "one request_id is one payment";
  EXPECT_EQ(Account(customer).exposure_minor(), 600);
  EXPECT_THAT(RecordPayments(work_, {Ask(Pay(id, 400)), Ask(Pay(id, 300))}), Each(IsOk()));
  const Contract c = Read(id);
  EXPECT_EQ(c.status, ContractStatus::kCompleted);
  EXPECT_EQ(c.unallocated_minor, 100);
  EXPECT_EQ(Account(customer).exposure_minor(), 0);
  EXPECT_EQ(One("SELECT count(*) FROM job"), "0");
  EXPECT_EQ(
      EventsOf(id),
      "ContractDrafted ContractActivated PaymentReceived PaymentReceived PaymentReceived ContractCompleted");
  ExpectBooksInOrder();
  EXPECT_EQ(PaymentsOf(pool_, Ask(0).caller, {id, Uuid(), 10})->size(), 3u);
  EXPECT_EQ(PaymentsOf(pool_, Ask(0).caller, {id, Uuid(), 2})->size(), 2u);
}

TEST_F(UseCaseTest, APaymentTakenBackIsOwedAndChasedAgain) {
  const Uuid id = ActiveContract(1000);
  const work::Outcome paid = RecordPayments(work_, {Ask(Pay(id, 1200))})[0];
  ASSERT_THAT(paid, IsOk());
  const ReversePayment reverse{id, *Uuid::Parse(*paid), "bounced"};
  const auto outcomes =
      ReversePayments(work_, {Ask(reverse), Ask(reverse), Ask(ReversePayment{id, Uuid::New(), "x"})});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], HasReason("PAYMENT_ALREADY_REVERSED"));
  EXPECT_THAT(outcomes[2], HasReason("PAYMENT_NOT_FOUND"));
  EXPECT_EQ(Read(id).status, ContractStatus::kActive);
  EXPECT_EQ(Read(id).unallocated_minor, 0);
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE state = 'PENDING'"), "2");
  ExpectBooksInOrder();
}

TEST_F(UseCaseTest, TheCalendarIsAnnouncedOnce) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 1000);
  const Uuid id = Drafts(customer, {1000})[0];
  UpdatePaymentSchedules(work_, {Ask(UpdatePaymentSchedule{id, {Percent("40"), Percent("60", 30)}, "", {}})});
  EXPECT_THAT(Activate({id})[0], IsOk());
  const auto announce = [&](int number, Announcement what) {
    EXPECT_THAT(AnnounceInstalments(work_, {Ask(AnnounceInstalment{id, number, what})})[0], IsOk());
  };
  announce(1, Announcement::kDue);
  announce(1, Announcement::kDue);
  announce(1, Announcement::kOverdue);  // not before tomorrow
  announce(2, Announcement::kDue);      // not before its day
  EXPECT_EQ(Account(customer).receivable_minor, 400);
  EXPECT_EQ(Account(customer).uninvoiced_minor, 600);
  // Two days later.
  schema_.Sql("UPDATE instalment SET due_date = due_date - 2, due_time = NULL WHERE number = 1");
  schema_.Sql("UPDATE credit_account SET receivable_minor = 0, uninvoiced_minor = 1000");
  announce(1, Announcement::kOverdue);  // was never said to be due: becomes both
  EXPECT_EQ(EventsOf(id),
            "ContractDrafted ContractUpdated ContractActivated InstalmentDue InstalmentDue InstalmentOverdue")
      << "one event, and so one notification, of each";
  ExpectBooksInOrder();
  schema_.Sql("UPDATE contract SET next_due_date = next_due_date - 2");
  const auto overdue = ContractsLike(pool_, Ask(0).caller, {{.overdue_only = true}, {}, 10});
  ASSERT_THAT(overdue, IsOk());
  EXPECT_EQ(overdue->size(), 1u);
}

TEST_F(UseCaseTest, ListsGoThroughAllOnce) {
  const Uuid customer = Uuid::New();
  Drafts(customer, std::vector<std::int64_t>(25, 10));
  Drafts(Uuid::New(), {10});
  std::set<Uuid> seen;
  ListContracts query{{.customer_id = customer}, {}, 10};
  for (int page = 0; page < 5; ++page) {
    const auto contracts = ContractsLike(pool_, Ask(0).caller, query);
    ASSERT_THAT(contracts, IsOk());
    if (contracts->empty()) break;
    for (const Contract& c : *contracts) EXPECT_TRUE(seen.insert(c.id).second);
    query.after = {contracts->back().create_time, contracts->back().id};
  }
  EXPECT_EQ(seen.size(), 25u);
}

TEST_F(UseCaseTest, SixtyFourEventsOrJobsTakeAsManyStatementsAsOne) {
  std::map<std::size_t, std::vector<std::int64_t>> trips;
  for (const std::size_t n : {1, 1, 64}) {  // the first prepares
    std::vector<work::Request<CustomerReference>> notes;
    std::vector<work::Request<DraftContract>> drafts;
    std::vector<Uuid> ids;
    std::vector<work::Request<AnnounceInstalment>> announcements;
    for (std::size_t i = 0; i < n; ++i) {
      notes.push_back(Ask(CustomerReference{Uuid::New(), "东海", Uuid::New(), Uuid::New(), ""}));
      DraftContract draft;
      draft.quote.id = Uuid::New();
      draft.quote.customer_id = notes.back().command.id;
      draft.quote.total = {"CNY", 100};
      ids.push_back(ContractId(draft.quote.id));
      announcements.push_back(Ask(AnnounceInstalment{ids.back(), 1, Announcement::kDue}));
      GiveCredit(draft.quote.customer_id, 100);
      drafts.push_back(Ask(std::move(draft)));
    }
    std::vector<std::int64_t>& counts = trips[n];
    counts = {Trips([&] { EXPECT_THAT(NoteCustomers(work_, notes), Each(IsOk())); }),
              Trips([&] { EXPECT_THAT(DraftContracts(work_, drafts), Each(IsOk())); })};
    EXPECT_THAT(Activate(ids), Each(IsOk()));
    counts.push_back(Trips([&] { EXPECT_THAT(AnnounceInstalments(work_, announcements), Each(IsOk())); }));
  }
  EXPECT_EQ(trips[1], trips[64]);
  ExpectBooksInOrder();
}

TEST_F(UseCaseTest, TwoContractsOfOneCustomerInOneBatchBothCount) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 1000);
  const std::vector<Uuid> ids = Drafts(customer, {400, 500, 200});
  EXPECT_THAT(Activate(ids), Each(IsOk()));
  EXPECT_EQ(Account(customer).exposure_minor(), 900);
  EXPECT_EQ(Read(ids[2]).status, ContractStatus::kPendingCredit);
  ExpectBooksInOrder();
}

// Threads pay, take back and activate on the same few contracts and accounts at once.
TEST_F(UseCaseTest, TheBooksStayInOrderUnderConcurrency) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 100'000);
  const std::vector<Uuid> ids = Drafts(customer, {1000, 2000, 3000});
  EXPECT_THAT(Activate(ids), Each(IsOk()));
  testing::RunConcurrently(6, [&](int thread) {
    for (int i = 0; i < 15; ++i) {
      const Uuid& id = ids[static_cast<std::size_t>((thread + i) % 3)];
      const work::Outcome paid = RecordPayments(work_, {Ask(Pay(id, 10 + i))})[0];
      if (paid.ok() && i % 3 == 0)
        ReversePayments(work_, {Ask(ReversePayment{id, *Uuid::Parse(*paid), "bounced"})});
      if (i % 5 == 0) Activate({Drafts(customer, {50})[0]});
    }
  });
  ExpectBooksInOrder();
}

struct BadInput {
  const char* name;
  std::function<void(UpdatePaymentSchedule&)> edit;
  const char* field;
  const char* reason;
};

TEST_F(UseCaseTest, BadSchedulesAreRefusedAndChangeNothing) {
  const Uuid id = Drafts(Uuid::New(), {10'000})[0];
  const std::string before = One("SELECT string_agg(i::text, ';') FROM instalment i");
  const auto amount = [](std::int64_t minor, const char* currency) {
    return ScheduleLine{Money{currency, minor}};
  };
  const BadInput inputs[] = {
      {"past",
       [](auto& c) {
         c.lines = {{Share{Share::kWhole}, {.date = absl::CivilDay(2020, 1, 1)}}};
       },
       "instalments[0].due_date", "PAST_DATE"},
      {"thirds",
       [](auto& c) {
         c.lines = {Percent("33.33"), Percent("33.33"), Percent("33.33")};
       },
       "instalments", "PERCENTAGES_NOT_100"},
      {"sum",
       [&](auto& c) {
         c.lines = {amount(5000, "CNY"), amount(5001, "CNY")};
       },
       "instalments", "AMOUNTS_NOT_TOTAL"},
      {"overflow",
       [&](auto& c) {
         c.lines = {amount(INT64_MAX, "CNY"), amount(INT64_MAX, "CNY")};
       },
       "instalments", "AMOUNTS_NOT_TOTAL"},
      {"negative",
       [&](auto& c) {
         c.lines = {amount(-1, "CNY"), amount(10'001, "CNY")};
       },
       "instalments[0].amount.minor_units", "NOT_POSITIVE"},
      {"currency", [&](auto& c) { c.lines = {amount(10'000, "EUR")}; }, "instalments[0].amount.currency_code",
       "CURRENCY_MISMATCH"},
      {"mixed",
       [&](auto& c) {
         c.lines = {amount(5000, "CNY"), Percent("50")};
       },
       "instalments", "MIXED_PARTS"},
      {"none", [](auto&) {}, "instalments", "REQUIRED"},
      {"far", [](auto& c) { c.lines = {Percent("100", 3651)}; }, "instalments[0].days_after_activation",
       "OUT_OF_RANGE"},
  };
  for (const BadInput& input : inputs) {
    UpdatePaymentSchedule command{id, {}, "", {}};
    input.edit(command);
    EXPECT_THAT(UpdatePaymentSchedules(work_, {Ask(command)})[0], HasViolation(input.field, input.reason))
        << input.name;
  }
  EXPECT_THAT(
      UpdatePaymentSchedules(work_, {Ask(UpdatePaymentSchedule{Uuid::New(), {Percent("100")}, "", {}})})[0],
      HasReason("CONTRACT_NOT_FOUND"));
  EXPECT_EQ(One("SELECT string_agg(i::text, ';') FROM instalment i"), before);
  EXPECT_EQ(EventsOf(id), "ContractDrafted");
}

}  // namespace
}  // namespace crm::contract
