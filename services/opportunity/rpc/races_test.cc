#include <atomic>

#include "common/testing/concurrent.h"
#include "services/opportunity/app/move_stage.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/app/win_opportunity.h"
#include "services/opportunity/rpc/use_case_fixture.h"

namespace crm::opportunity {
namespace {

using testing::IsOk;
using testing::RunConcurrently;

class RacesTest : public Fixture {
 protected:
  static constexpr int kThreads = 8;
  RacesTest() { PublishProcess(); }
};

TEST_F(RacesTest, ADealIsWonOnce) {
  const Uuid id = Deals(1)[0];
  std::atomic<int> won = 0;
  RunConcurrently(kThreads, [&](int) {
    won += WinOpportunities(work_, {{Ask(WinOpportunity{id, {}, "price", "", {}})}})[0].ok();
  });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(EventsOf(id), "OpportunityCreated OpportunityWon");
}

TEST_F(RacesTest, OneOfManyQuotesWins) {
  const Uuid deal = Deals(1)[0], product = ProductAt(100);
  std::vector<Uuid> quotes;
  for (int i = 0; i < kThreads; ++i) {
    CreateQuote offer;
    offer.opportunity_id = deal;
    offer.currency = "CNY";
    offer.lines.resize(1);
    offer.lines[0].product_id = product;
    offer.lines[0].quantity = i + 1;
    offer.lines[0].unit_price = -1;
    offer.valid_until = absl::CivilDay(2035, 1, 1);
    quotes.push_back(IdOf(Reply<v1::Quote>(CreateQuotes(work_, {{Ask(offer)}})[0]).id()));
    EXPECT_THAT(SubmitQuotes(work_, {{Ask(SubmitQuote{quotes.back(), {}})}})[0], IsOk());
  }
  std::atomic<int> accepted = 0;
  RunConcurrently(kThreads, [&](int i) {
    accepted +=
        AcceptQuotes(work_, {{Ask(AcceptQuote{quotes[static_cast<std::size_t>(i)], {}, "", ""})}})[0].ok();
  });
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(One("SELECT count(*) FROM quote WHERE status = 'ACCEPTED'"), "1");
  EXPECT_EQ(One("SELECT (o.amount_minor = q.total_minor)::text FROM opportunity o, quote q WHERE q.status = "
                "'ACCEPTED'"),
            "true");
}

// Nobody's move is lost, and no sequence has a gap.
TEST_F(RacesTest, EveryMoveCounts) {
  const Uuid id = Deals(1)[0];
  std::atomic<int> moved = 0;
  RunConcurrently(kThreads, [&](int thread) {
    for (int i = 0; i < 5; ++i)
      moved += MoveStages(work_, {{Ask(MoveStage{id, {}, (thread + i) % 2 ? "proposal" : "need"})}})[0].ok();
  });
  EXPECT_EQ(One("SELECT version FROM opportunity"), std::to_string(moved + 1));
  EXPECT_EQ(One("SELECT count(*) || ' ' || max(aggregate_seq) FROM outbox WHERE aggregate_id = '" +
                id.ToString() + "'"),
            std::to_string(moved + 1) + " " + std::to_string(moved + 1));
  EXPECT_EQ(One("SELECT count(*) FROM opportunity_move"), std::to_string(moved + 1));
}

}  // namespace
}  // namespace crm::opportunity
