#include "common/testing/write_sets.h"
#include "services/opportunity/app/complete_activity.h"
#include "services/opportunity/app/lose_opportunity.h"
#include "services/opportunity/app/move_stage.h"
#include "services/opportunity/app/notify.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/app/schedule_activity.h"
#include "services/opportunity/app/update_opportunity.h"
#include "services/opportunity/app/win_opportunity.h"
#include "services/opportunity/rpc/use_case_fixture.h"

namespace crm::opportunity {
namespace {

class SetsTest : public testing::WriteSets<Fixture> {
 protected:
  SetsTest() {
    PublishProcess();
    product_ = ProductAt(100);
    Opportunities();
    Quotes();
    Activities();
    Catalogue();
  }

  using Rows = std::vector<Uuid> (SetsTest::*)(int);
  template <class Command>
  using UseCase = std::vector<work::Outcome> (*)(work::UnitOfWork&, absl::Span<const work::Request<Command>>);

  // Commands about records, of which one names a record that is not there.
  template <class Command>
  void OnRows(const std::string& method, Rows rows, std::function<Command(const Uuid&)> make,
              UseCase<Command> run) {
    Write<Command>(
        method, [this, rows, make](int count) { return Of<Command>((this->*rows)(count), make); },
        [](Command& command) { command.id = kNobody; },
        [this, run](auto requests) { return run(work_, requests); });
  }
  template <class Command>
  static std::vector<Command> Of(const std::vector<Uuid>& ids,
                                 const std::function<Command(const Uuid&)>& make) {
    std::vector<Command> commands;
    for (const Uuid& id : ids) commands.push_back(make(id));
    return commands;
  }

  template <class Message>
  static std::vector<Uuid> IdsOf(const std::vector<work::Outcome>& outcomes) {
    std::vector<Uuid> ids;
    for (const auto& outcome : outcomes) ids.push_back(IdOf(Reply<Message>(outcome).id()));
    return ids;
  }
  template <class Command>
  std::vector<work::Request<Command>> AskAll(const std::vector<Command>& commands) {
    std::vector<work::Request<Command>> requests;
    for (const Command& command : commands) requests.push_back(Ask(command));
    return requests;
  }
  std::vector<Uuid> Open(int count) { return Deals(static_cast<std::size_t>(count)); }
  std::vector<Uuid> Drafts(int count) {
    const auto offer = [this](const Uuid& deal) { return Offer(deal, product_); };
    return IdsOf<v1::Quote>(CreateQuotes(work_, AskAll(Of<CreateQuote>(Open(count), offer))));
  }
  std::vector<Uuid> Submitted(int count) {
    const auto submit = [](const Uuid& quote) { return SubmitQuote{quote, {}}; };
    return IdsOf<v1::Quote>(SubmitQuotes(work_, AskAll(Of<SubmitQuote>(Drafts(count), submit))));
  }
  std::vector<Uuid> Planned(int count) {
    return IdsOf<v1::Activity>(
        ScheduleActivities(work_, peers_, AskAll(Of<ScheduleActivity>(Open(count), Visit))));
  }
  std::vector<Uuid> Unread(int count) {
    std::vector<Uuid> ids;
    Notify notify;
    for (int i = 0; i < count; ++i) {
      Notification& note = notify.notifications.emplace_back();
      note.id = ids.emplace_back(Uuid::New());
      note.owner_id = caller_->id;
    }
    EXPECT_THAT(PostNotifications(work_, {{Ask(notify)}}), ::testing::Each(testing::IsOk()));
    return ids;
  }

  void Opportunities() {
    Write<CreateOpportunity>(
        "OpportunityService.CreateOpportunity",
        [this](int count) { return std::vector<CreateOpportunity>(static_cast<std::size_t>(count), Deal()); },
        [](CreateOpportunity& command) { command.customer_id = kNobody; },
        [this](auto requests) { return CreateOpportunities(work_, peers_, requests); });
    OnRows<UpdateOpportunity>(
        "OpportunityService.UpdateOpportunity", &SetsTest::Open,
        [](const Uuid& id) {
          UpdateOpportunity command;
          command.id = id;
          command.details.name = "Valves";
          command.fields = {"name"};
          return command;
        },
        &UpdateOpportunities);
    OnRows<MoveStage>(
        "OpportunityService.MoveStage", &SetsTest::Open,
        [](const Uuid& id) {
          return MoveStage{id, {}, "proposal"};
        },
        &MoveStages);
    OnRows<WinOpportunity>(
        "OpportunityService.WinOpportunity", &SetsTest::Open,
        [](const Uuid& id) {
          return WinOpportunity{id, {}, "price", "", {}};
        },
        &WinOpportunities);
    OnRows<LoseOpportunity>(
        "OpportunityService.LoseOpportunity", &SetsTest::Open,
        [](const Uuid& id) {
          return LoseOpportunity{id, {}, "price", "", ""};
        },
        &LoseOpportunities);
  }

  void Quotes() {
    Write<CreateQuote>(
        "QuoteService.CreateQuote",
        [this](int count) {
          return Of<CreateQuote>(Open(count), [this](const Uuid& deal) { return Offer(deal, product_); });
        },
        [](CreateQuote& command) { command.opportunity_id = kNobody; },
        [this](auto requests) { return CreateQuotes(work_, requests); });
    OnRows<SubmitQuote>(
        "QuoteService.SubmitQuote", &SetsTest::Drafts,
        [](const Uuid& id) {
          return SubmitQuote{id, {}};
        },
        &SubmitQuotes);
    OnRows<AcceptQuote>(
        "QuoteService.AcceptQuote", &SetsTest::Submitted,
        [](const Uuid& id) {
          return AcceptQuote{id, {}, "", ""};
        },
        &AcceptQuotes);
  }

  void Activities() {
    Write<ScheduleActivity>(
        "ActivityService.ScheduleActivity",
        [this](int count) { return Of<ScheduleActivity>(Open(count), Visit); },
        [](ScheduleActivity& command) { command.plan.subject_id = kNobody; },
        [this](auto requests) { return ScheduleActivities(work_, peers_, requests); });
    OnRows<CompleteActivity>(
        "ActivityService.CompleteActivity", &SetsTest::Planned,
        [](const Uuid& id) { return CompleteActivity{id, {}, "met", true, 30, {}}; }, &CompleteActivities);
    OnRows<MarkNotificationRead>(
        "NotificationService.MarkNotificationRead", &SetsTest::Unread,
        [](const Uuid& id) { return MarkNotificationRead{id}; }, &MarkNotificationsRead);
  }

  void Catalogue() {
    Write<CreateProduct>(
        "ProductService.CreateProduct",
        [](int count) {
          std::vector<CreateProduct> commands(static_cast<std::size_t>(count));
          for (CreateProduct& command : commands) {
            command.product.code = Uuid::New().ToString();
            command.product.list_price = {"CNY", 1};
          }
          return commands;
        },
        [](CreateProduct& command) { command.product.code = "P-1"; },  // which there is
        [this](auto requests) { return CreateProducts(work_, requests); });
    Write<CreateSalesProcess>(
        "SalesProcessService.CreateSalesProcess",
        [](int count) {
          return std::vector<CreateSalesProcess>(static_cast<std::size_t>(count), StandardProcess());
        },
        // The database refuses the whole set for it: the set is split until only this one fails.
        [](CreateSalesProcess& command) { command.stages[0].probability_percent = 101; },
        [this](auto requests) { return CreateSalesProcesses(work_, requests); });
  }

  Uuid product_;
};

TEST_F(SetsTest, EveryWriteMethodIsShown) {
  ExpectEveryWriteMethod("opportunity", {{"OpportunityImportService.ImportOpportunities",
                                          "a file's rows are one set: import_test.cc"}});
}

TEST_F(SetsTest, SetsGetWhatTheyAreOwed) { ExpectWhatIsOwedToSets(); }

// Moves: use_cases_test.cc. Quotes, activities and notifications change once; the rest never does.
TEST_F(SetsTest, TwoDifferentCommandsOnOneRowBothCount) {
  UpdateOpportunity renamed, priced;
  renamed.id = priced.id = Deals(1)[0];
  renamed.details.name = "Valves";
  renamed.fields = {"name"};
  priced.details.amount = Money{"CNY", 7};
  priced.fields = {"amount"};
  EXPECT_THAT(UpdateOpportunities(work_, AskAll<UpdateOpportunity>({renamed, priced})),
              ::testing::Each(testing::IsOk()));
  EXPECT_EQ(One("SELECT name || amount_minor || version FROM opportunity"), "Valves73");
}

TEST_F(SetsTest, OfTwoQuotesOfOneOpportunityOneIsAccepted) {
  const Uuid deal = Deals(1)[0];
  const auto drafts = CreateQuotes(work_, AskAll(std::vector(2, Offer(deal, product_))));
  std::vector<AcceptQuote> accepts;
  for (const Uuid& id : IdsOf<v1::Quote>(drafts)) {
    EXPECT_THAT(SubmitQuotes(work_, {{Ask(SubmitQuote{id, {}})}})[0], testing::IsOk());
    accepts.push_back({id, {}, "", ""});
  }
  const auto outcomes = AcceptQuotes(work_, AskAll(accepts));
  EXPECT_THAT(outcomes[0], testing::IsOk());
  EXPECT_THAT(outcomes[1], testing::HasReason("ILLEGAL_STATE_MOVE"));
  EXPECT_EQ(One("SELECT string_agg(status, ' ' ORDER BY status) FROM quote"), "ACCEPTED SUBMITTED");
  EXPECT_EQ(EventsOf(deal), "OpportunityCreated OpportunityWon");
}

}  // namespace
}  // namespace crm::opportunity
