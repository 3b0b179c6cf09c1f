#include "common/testing/write_sets.h"
#include "services/contract_credit/app/release_credit_hold.h"
#include "services/contract_credit/app/reverse_payment.h"
#include "services/contract_credit/app/use_case_fixture.h"

namespace crm::contract {
namespace {

class SetsTest : public testing::WriteSets<UseCaseTest> {
 protected:
  SetsTest() {
    OnContracts<UpdatePaymentSchedule>(
        "ContractService.UpdatePaymentSchedule", &SetsTest::Drafted,
        [](const Uuid& id) {
          const ScheduleLine half{*ParsePercent("50"), {}};
          return UpdatePaymentSchedule{id, {half, half}, "", {}};
        },
        &UpdatePaymentSchedules);
    OnContracts<ActivateContract>(
        "ContractService.ActivateContract", &SetsTest::Drafted,
        [](const Uuid& id) {
          return ActivateContract{id, {}};
        },
        &ActivateContracts);
    OnContracts<ReleaseCreditHold>(
        "ContractService.ReleaseCreditHold", &SetsTest::Held,
        [](const Uuid& id) {
          return ReleaseCreditHold{id, "bank guarantee", {}};
        },
        &ReleaseCreditHolds);
    OnContracts<RecordPayment>(
        "ContractService.RecordPayment", &SetsTest::Active, [](const Uuid& id) { return Pay(id, 60); },
        &RecordPayments);
    Write<ReversePayment>(
        "ContractService.ReversePayment", [this](int count) { return Bounced(count); },
        [](ReversePayment& command) { command.payment_id = Uuid::New(); },
        [this](auto requests) { return ReversePayments(work_, requests); });
    Write<SetCreditLimit>(
        "CreditService.SetCreditLimit",
        [](int count) {
          std::vector<SetCreditLimit> commands;
          for (int i = 0; i < count; ++i) commands.push_back({Uuid::New(), {"CNY", 100}, {}, {}});
          return commands;
        },
        [this](SetCreditLimit& command) { strangers_.insert(command.customer_id); },
        [this](auto requests) {
          return SetLimits({requests.begin(), requests.end()});
        });
  }

  // Contracts over 100, each of a customer of its own who has `credit`.
  std::vector<Uuid> Drafted(int count, std::int64_t credit) {
    std::vector<Uuid> ids;
    std::vector<work::Request<DraftContract>> drafts;
    std::vector<work::Request<SetCreditLimit>> limits;
    for (int i = 0; i < count; ++i) {
      DraftContract draft;
      draft.quote.id = Uuid::New();
      draft.quote.customer_id = Uuid::New();
      draft.quote.total = {"CNY", 100};
      ids.push_back(ContractId(draft.quote.id));
      limits.push_back(Ask(SetCreditLimit{draft.quote.customer_id, {"CNY", credit}, {}, {}}));
      drafts.push_back(Ask(std::move(draft)));
    }
    EXPECT_THAT(SetLimits(limits), ::testing::Each(testing::IsOk()));
    EXPECT_THAT(DraftContracts(work_, drafts), ::testing::Each(testing::IsOk()));
    return ids;
  }
  std::vector<Uuid> Drafted(int count) { return Drafted(count, 100); }
  std::vector<Uuid> Active(int count) {
    const std::vector<Uuid> ids = Drafted(count);
    EXPECT_THAT(Activate(ids), ::testing::Each(testing::IsOk()));
    return ids;
  }
  std::vector<Uuid> Held(int count) {
    const std::vector<Uuid> ids = Drafted(count, 99);
    EXPECT_THAT(Activate(ids), ::testing::Each(testing::IsOk()));
    return ids;
  }
  std::vector<ReversePayment> Bounced(int count) {
    std::vector<work::Request<RecordPayment>> payments;
    for (const Uuid& id : Active(count)) payments.push_back(Ask(Pay(id, 60)));
    std::vector<ReversePayment> commands;
    for (const auto& paid : RecordPayments(work_, payments))
      commands.push_back({payments[commands.size()].command.contract_id, *Uuid::Parse(*paid), "bounced"});
    return commands;
  }

  // Commands about contracts, of which one names a contract that is not there.
  template <class Command>
  void OnContracts(const std::string& method, std::vector<Uuid> (SetsTest::*contracts)(int),
                   std::function<Command(const Uuid&)> make,
                   std::vector<work::Outcome> (*run)(work::UnitOfWork&,
                                                     absl::Span<const work::Request<Command>>)) {
    Write<Command>(
        method,
        [this, contracts, make](int count) {
          std::vector<Command> commands;
          for (const Uuid& id : (this->*contracts)(count)) commands.push_back(make(id));
          return commands;
        },
        [](Command& command) { command.contract_id = Uuid::New(); },
        [this, run](auto requests) { return run(work_, requests); });
  }
};

TEST_F(SetsTest, EveryWriteMethodIsShown) { ExpectEveryWriteMethod("contract_credit"); }

TEST_F(SetsTest, SetsGetWhatTheyAreOwed) {
  ExpectWhatIsOwedToSets();
  ExpectBooksInOrder();
}

// Payments and activations: use_cases_test.cc.
TEST_F(SetsTest, TwoDifferentCommandsOnOneRowBothCount) {
  const Uuid drafted = Drafted(1)[0];
  const auto split = [&](const char* first, const char* second) {
    return Ask(UpdatePaymentSchedule{
        drafted, {ScheduleLine{*ParsePercent(first), {}}, ScheduleLine{*ParsePercent(second), {}}}, "", {}});
  };
  EXPECT_THAT(UpdatePaymentSchedules(work_, {split("50", "50"), split("30", "70")}),
              ::testing::Each(testing::IsOk()));
  EXPECT_EQ(One("SELECT string_agg(amount_minor::text, ' ' ORDER BY number) FROM instalment"), "30 70");
  EXPECT_EQ(EventsOf(drafted), "ContractDrafted ContractUpdated ContractUpdated") << "and the last holds";

  const Uuid customer = Read(drafted).customer_id;
  EXPECT_THAT(SetLimits({Ask(SetCreditLimit{customer, {"CNY", 200}, {}, {}}),
                         Ask(SetCreditLimit{customer, {"CNY", 300}, {}, {}})}),
              ::testing::Each(testing::IsOk()));
  EXPECT_EQ(Account(customer).limit_minor, 300);
  EXPECT_EQ(Account(customer).version, 3);

  const Uuid active = Active(1)[0];
  const auto paid = RecordPayments(work_, {Ask(Pay(active, 60)), Ask(Pay(active, 30)), Ask(Pay(active, 5))});
  EXPECT_THAT(ReversePayments(work_, {Ask(ReversePayment{active, *Uuid::Parse(*paid[0]), "bounced"}),
                                      Ask(ReversePayment{active, *Uuid::Parse(*paid[1]), "bounced"})}),
              ::testing::Each(testing::IsOk()));
  EXPECT_EQ(Read(active).outstanding_minor(), 95);
  ExpectBooksInOrder();
}

}  // namespace
}  // namespace crm::contract
