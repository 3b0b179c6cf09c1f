#include "services/opportunity/app/complete_activity.h"
#include "services/opportunity/app/move_stage.h"
#include "services/opportunity/app/notify.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/app/schedule_activity.h"
#include "services/opportunity/app/update_opportunity.h"
#include "services/opportunity/app/win_opportunity.h"
#include "services/opportunity/rpc/use_case_fixture.h"

namespace crm::opportunity {
namespace {

using ::testing::Each;
using testing::HasReason;
using testing::IsOk;

class UseCasesTest : public Fixture {
 protected:
  UseCasesTest() { PublishProcess(); }
};

TEST_F(UseCasesTest, OneBadItemLeavesItsSixtyThreeNeighbours) {
  std::vector<work::Request<CreateOpportunity>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Ask(Deal()));
  requests[10].command.customer_id = kNobody;
  requests[20].command.details.product_ids = {kNobody};
  requests[30].command.process_key = "unheard of";
  requests[50].command.owner_id = kNobody;
  requests[60].command.org_unit_id = kNobody;
  requests[40].command.external_id = requests[41].command.external_id = "same";
  const auto outcomes = CreateOpportunities(work_, peers_, requests);
  EXPECT_THAT(outcomes[10], HasReason("CUSTOMER_NOT_FOUND"));
  EXPECT_THAT(outcomes[20], HasReason("PRODUCT_NOT_FOUND"));
  EXPECT_THAT(outcomes[30], HasReason("SALES_PROCESS_NOT_FOUND"));
  EXPECT_THAT(outcomes[50], HasReason("EMPLOYEE_NOT_FOUND"));
  EXPECT_THAT(outcomes[60], HasReason("ORG_UNIT_NOT_FOUND"));
  EXPECT_THAT(outcomes[40], IsOk());
  EXPECT_THAT(outcomes[41], HasReason("OPPORTUNITY_ALREADY_EXISTS"));
  EXPECT_EQ(One("SELECT count(*) FROM opportunity"), "58");

  std::vector<work::Request<WinOpportunity>> wins;
  for (const Uuid& id : Deals(64)) wins.push_back(Ask(WinOpportunity{id, {}, "price", "", {}}));
  wins[5].command.reason = "";
  EXPECT_THAT(WinOpportunities(work_, wins)[5], HasReason("REASON_REQUIRED"));
  EXPECT_EQ(One("SELECT count(*) FROM opportunity WHERE status = 'WON'"), "63");
}

TEST_F(UseCasesTest, TwoCommandsOnOneRowBothCount) {
  const Uuid id = Deals(1)[0];
  EXPECT_THAT(
      MoveStages(work_, {{Ask(MoveStage{id, {}, "proposal"}), Ask(MoveStage{id, {}, "negotiation"})}}),
      Each(IsOk()));
  EXPECT_EQ(One("SELECT stage || version FROM opportunity"), "negotiation3");
  EXPECT_EQ(EventsOf(id), "OpportunityCreated OpportunityStageMoved OpportunityStageMoved");
  EXPECT_EQ(
      One("SELECT string_agg(from_stage || '>' || to_stage, ' ' ORDER BY sequence) FROM opportunity_move"),
      ">need need>proposal proposal>negotiation");
}

TEST_F(UseCasesTest, AnUpdateOfAmountAndNameTellsBoth) {
  const Uuid id = Deals(1)[0];
  UpdateOpportunity command;
  command.id = id;
  command.details.name = "Valves";
  command.details.amount = Money{"CNY", 5};
  command.fields = {"name", "amount"};
  EXPECT_THAT(UpdateOpportunities(work_, {{Ask(command), Ask(command)}}), Each(IsOk()));
  EXPECT_EQ(EventsOf(id), "OpportunityCreated OpportunityAmountChanged OpportunityUpdated");
  EXPECT_EQ(
      LastEvent("OpportunityAmountChanged").opportunity_amount_changed().previous_amount().minor_units(),
      10000);
}

TEST_F(UseCasesTest, AStaleEtagChangesNothing) {
  const Uuid id = Deals(1)[0];
  EXPECT_THAT(WinOpportunities(work_, {{Ask(WinOpportunity{id, 9, "price", "", {}})}})[0],
              HasReason("STALE_ETAG"));
  EXPECT_THAT(MoveStages(work_, {{Ask(MoveStage{id, 1, "proposal"}), Ask(MoveStage{id, 1, "need"})}})[1],
              HasReason("STALE_ETAG"));
  EXPECT_EQ(EventsOf(id), "OpportunityCreated OpportunityStageMoved");
}

TEST_F(UseCasesTest, MissingGatesAreNamed) {
  CreateOpportunity bare;
  bare.customer_id = Uuid::New();
  bare.details.name = "Bare";
  const Uuid id = IdOf(Reply<v1::Opportunity>(CreateOpportunities(work_, peers_, {{Ask(bare)}})[0]).id());
  const auto outcome = MoveStages(work_, {{Ask(MoveStage{id, {}, "negotiation"})}})[0];
  EXPECT_THAT(outcome, HasReason("MISSING_GATES"));
  EXPECT_THAT(std::string(outcome.status().message()),
              ::testing::HasSubstr("proposal: required field amount"));
  EXPECT_EQ(EventsOf(id), "OpportunityCreated");
}

TEST_F(UseCasesTest, ACompletedActivityOpensAGate) {
  CreateSalesProcess process = StandardProcess();
  process.stages[0].gates = {{Gate::Kind::kCompletedActivity, "VISIT"}};
  Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(process)}})[0]);
  const Uuid id = Deals(1)[0];
  const MoveStage move{id, {}, "proposal"};
  EXPECT_THAT(MoveStages(work_, {{Ask(move)}})[0], HasReason("MISSING_GATES"));
  const auto visit = Reply<v1::Activity>(ScheduleActivities(work_, peers_, {{Ask(Visit(id))}})[0]);
  EXPECT_THAT(
      CompleteActivities(work_, {{Ask(CompleteActivity{IdOf(visit.id()), {}, "met", true, 0, {}})}})[0],
      IsOk());
  EXPECT_THAT(MoveStages(work_, {{Ask(move)}})[0], IsOk());
}

TEST_F(UseCasesTest, AnOpenOpportunityStaysOnItsVersionOfTheProcess) {
  const Uuid id = Deals(1)[0];
  CreateSalesProcess next = StandardProcess();
  next.stages.resize(1);
  EXPECT_EQ(Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(next)}})[0]).process_version(), 2);
  EXPECT_THAT(MoveStages(work_, {{Ask(MoveStage{id, {}, "negotiation"})}})[0], IsOk());
  EXPECT_THAT(MoveStages(work_, {{Ask(MoveStage{Deals(1)[0], {}, "negotiation"})}})[0],
              HasReason("UNKNOWN_STAGE"));
}

TEST_F(UseCasesTest, AnAcceptedQuoteWinsTheOpportunityAndTellsAllAContractNeeds) {
  const Uuid deal = Deals(1)[0], product = ProductAt(3'333);
  CreateQuote offer = Offer(deal, product);
  offer.lines[0].quantity = 3;
  offer.lines[0].tax_rate = 1300;
  for (const int share : {3334, 3333, 3333}) offer.instalments.push_back({"", share, 30, 0});
  const auto draft = Reply<v1::Quote>(CreateQuotes(work_, {{Ask(offer)}})[0]);
  EXPECT_EQ(draft.total().minor_units(), 9'999 + 1'300);
  const Uuid id = IdOf(draft.id());
  const AcceptQuote accept{id, {}, "", ""};
  EXPECT_THAT(AcceptQuotes(work_, {{Ask(accept)}})[0], HasReason("ILLEGAL_STATE_MOVE"));
  EXPECT_THAT(SubmitQuotes(work_, {{Ask(SubmitQuote{id, 7})}})[0], HasReason("STALE_ETAG"));
  EXPECT_THAT(SubmitQuotes(work_, {{Ask(SubmitQuote{id, 1})}})[0], IsOk());
  const auto both = AcceptQuotes(work_, {{Ask(accept, "x"), Ask(accept, "y")}});
  EXPECT_THAT(both[0], IsOk());
  EXPECT_THAT(both[1], HasReason("ILLEGAL_STATE_MOVE"));
  EXPECT_EQ(EventsOf(id), "QuoteDrafted QuoteSubmitted QuoteAccepted");
  EXPECT_EQ(EventsOf(deal), "OpportunityCreated OpportunityWon");

  const auto quote = LastEvent("QuoteAccepted").quote_accepted().quote();
  EXPECT_EQ(quote.customer_name(), "华东机械");
  EXPECT_FALSE(quote.customer_id().empty());
  EXPECT_EQ(quote.total().minor_units(), 11'299);
  ASSERT_EQ(quote.payment_terms_size(), 3);
  EXPECT_EQ(quote.payment_terms(0).basis_points(), 3334);
  EXPECT_EQ(quote.lines(0).product_name(), "Pump");
  const auto won = LastEvent("OpportunityWon").opportunity_won();
  EXPECT_EQ(won.quote_id(), id.ToString());
  EXPECT_EQ(won.opportunity().amount().minor_units(), 11'299);
  EXPECT_EQ(won.opportunity().status(), "WON");
}

TEST_F(UseCasesTest, AQuoteThatCannotBePricedChangesNothing) {
  const Uuid deal = Deals(1)[0], product = ProductAt(100);
  const auto refused = [&](auto spoil) {
    CreateQuote offer = Offer(deal, product);
    spoil(offer);
    return CreateQuotes(work_, {{Ask(offer)}})[0];
  };
  EXPECT_THAT(refused([](auto& q) { q.lines[0].unit_price = std::numeric_limits<std::int64_t>::max(); }),
              HasReason("AMOUNT_OVERFLOW"));
  EXPECT_THAT(refused([](auto& q) { q.discount = 201; }), HasReason("DISCOUNT_TOO_LARGE"));
  EXPECT_THAT(refused([](auto& q) {
                q.instalments = {{"", 3333, 0, 0}};
              }),
              HasReason("INSTALMENTS_NOT_WHOLE"));
  EXPECT_THAT(refused([](auto& q) { q.currency = "USD"; }), HasReason("NO_PRICE"));
  EXPECT_THAT(refused([](auto& q) { q.lines[0].product_id = kNobody; }), HasReason("PRODUCT_NOT_FOUND"));
  EXPECT_THAT(refused([](auto& q) { q.opportunity_id = kNobody; }), HasReason("OPPORTUNITY_NOT_FOUND"));
  EXPECT_EQ(One("SELECT count(*) FROM quote"), "0");
  EXPECT_EQ(EventsOf(deal), "OpportunityCreated");
}

TEST_F(UseCasesTest, AConvertedLeadOpensItsOpportunityOnce) {
  CreateOpportunity command = Deal();
  command.id = Uuid::New();
  command.customer_name = "Acme";
  work::Request<CreateOpportunity> request = Ask(command);
  request.once = work::EventKey{"customer", Uuid::New(), Uuid::New(), 1};
  const Peers nobody_answers;
  EXPECT_THAT(CreateOpportunities(work_, nobody_answers, {{request}}), Each(IsOk()));
  EXPECT_THAT(CreateOpportunities(work_, nobody_answers, {{request}}), Each(IsOk()));
  EXPECT_THAT(CreateOpportunities(work_, nobody_answers, {{Ask(command)}}), Each(IsOk()));
  EXPECT_EQ(EventsOf(command.id), "OpportunityCreated");
}

TEST_F(UseCasesTest, APeerThatIsAwayFailsOnlyWhoNeedsIt) {
  peers_.customers = [](const auto&, const auto&) { return errors::Unavailable("PEER_UNAVAILABLE", "away"); };
  CreateOpportunity named = Deal();
  named.customer_name = "Acme";
  const auto outcomes = CreateOpportunities(work_, peers_, {{Ask(Deal()), Ask(named)}});
  EXPECT_THAT(outcomes[0], HasReason("PEER_UNAVAILABLE"));
  EXPECT_THAT(outcomes[1], IsOk());
}

TEST_F(UseCasesTest, ANotificationIsReadByItsOwnerAndOnce) {
  Notification note;
  note.id = Uuid::New();
  note.owner_id = caller_->id;
  const Notify notify{{note}};
  EXPECT_THAT(PostNotifications(work_, {{Ask(notify), Ask(notify)}}), Each(IsOk()));
  EXPECT_THAT(PostNotifications(work_, {{Ask(notify)}}), Each(IsOk()));
  EXPECT_THAT(MarkNotificationsRead(
                  work_, {{Ask(MarkNotificationRead{note.id}), Ask(MarkNotificationRead{note.id})}}),
              Each(IsOk()));
  EXPECT_EQ(EventsOf(note.id), "NotificationPosted NotificationRead");
  auto other = Ask(MarkNotificationRead{note.id});
  other.caller.principal = auth::ServicePrincipal("somebody");
  EXPECT_THAT(MarkNotificationsRead(work_, {{other}})[0], HasReason("NOTIFICATION_NOT_FOUND"));
}

TEST_F(UseCasesTest, NotificationsOfManyTakeAsManyStatementsAsOne) {
  const auto statements = [&](std::size_t count) {
    std::vector<work::Request<Notify>> requests;
    for (std::size_t i = 0; i < count; ++i) {
      Notification note;
      note.id = Uuid::New();
      note.owner_id = caller_->id;
      requests.push_back(Ask(Notify{{note}}));
    }
    const std::int64_t before = pool_.round_trips();
    EXPECT_THAT(PostNotifications(work_, requests), Each(IsOk()));
    return pool_.round_trips() - before;
  };
  statements(1);  // afterwards the connection has prepared its statements
  EXPECT_EQ(statements(64), statements(1));
}

TEST_F(UseCasesTest, TheStandardProcessIsSeededOnce) {
  EXPECT_THAT(SeedStandardProcess(work_, pool_), IsOk());
  EXPECT_EQ(One("SELECT count(*) FROM sales_process"), "1");
}

}  // namespace
}  // namespace crm::opportunity
