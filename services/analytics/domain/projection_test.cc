#include <gtest/gtest.h>

#include <limits>

#include "services/analytics/domain/lead_fact.h"
#include "services/analytics/domain/opportunity_fact.h"
#include "services/analytics/domain/receivable.h"

namespace crm::analytics {
namespace {

const absl::TimeZone kUtc = absl::UTCTimeZone();
absl::Time At(int month, int day) { return absl::FromCivil(absl::CivilDay(2026, month, day), kUtc); }

OpportunitySeen Seen(int stage, std::string status, absl::Time time, std::int64_t amount = 100) {
  OpportunitySeen seen;
  seen.id = Uuid(1, 1);
  seen.stage = {.process_id = Uuid(2, 2), .order = stage};
  seen.status = std::move(status);
  seen.currency = "CNY";
  seen.amount_minor = amount;
  seen.opened_time = At(1, 1);
  seen.occurred_time = time;
  return seen;
}

// Count of TOTAL rows of a stage and status, up to a day.
Tally Total(const Deltas& deltas, int stage, std::string_view status, absl::CivilDay as_of) {
  Tally sum;
  for (const auto& [key, tally] : deltas.funnel)
    if (key.dimension == dimension::kTotal && key.stage_order == stage && key.status == status &&
        key.day <= as_of) {
      sum.count += tally.count;
      sum.amount_minor += tally.amount_minor;
    }
  return sum;
}

TEST(OpportunityFact, IsFoundWhereItStoodOnEachDay) {
  OpportunityFact fact;
  Deltas deltas;
  Apply(fact, Seen(1, "OPEN", At(1, 1)), 0, kUtc, deltas);
  Apply(fact, Seen(2, "OPEN", At(1, 10), 250), 0, kUtc, deltas);
  Apply(fact, Seen(2, "WON", At(2, 1), 240), 0, kUtc, deltas);
  EXPECT_EQ(Total(deltas, 1, "OPEN", absl::CivilDay(2026, 1, 9)).count, 1);
  EXPECT_EQ(Total(deltas, 1, "OPEN", absl::CivilDay(2026, 1, 10)).count, 0);
  EXPECT_EQ(Total(deltas, 2, "OPEN", absl::CivilDay(2026, 1, 31)).amount_minor, 250);
  EXPECT_EQ(Total(deltas, 2, "OPEN", absl::CivilDay(2026, 2, 1)).count, 0);
  EXPECT_EQ(Total(deltas, 2, "WON", absl::CivilDay(2026, 2, 1)).amount_minor, 240);
}

TEST(OpportunityFact, MeasuresStagesAndTheWholeWay) {
  OpportunityFact fact;
  Deltas deltas;
  Apply(fact, Seen(1, "OPEN", At(1, 1)), 0, kUtc, deltas);
  Apply(fact, Seen(2, "OPEN", At(1, 3)), 0, kUtc, deltas);
  Apply(fact, Seen(2, "WON", At(1, 13)), 0, kUtc, deltas);
  std::map<int, std::int64_t> hours;
  for (const auto& [key, tally] : deltas.duration)
    if (tally.count > 0) hours[key.stage_order] = key.hours;
  EXPECT_EQ(hours, (std::map<int, std::int64_t>{{1, 48}, {2, 240}, {kWonOrder, 288}}));
}

TEST(OpportunityFact, DividesItsAmountAmongItsProducts) {
  OpportunityFact fact;
  Deltas deltas;
  OpportunitySeen seen = Seen(1, "OPEN", At(1, 1), 101);
  seen.products = {"A", "B"};
  Apply(fact, seen, 0, kUtc, deltas);
  std::map<std::string, std::int64_t> amounts;
  for (const auto& [key, tally] : deltas.funnel)
    if (key.dimension == dimension::kProduct) amounts[key.member] = tally.amount_minor;
  EXPECT_EQ(amounts, (std::map<std::string, std::int64_t>{{"A", 51}, {"B", 50}}));
}

TEST(OpportunityFact, ClosedOnesLeaveThePipelineAndReopenedOnesComeBack) {
  OpportunityFact fact;
  Deltas deltas;
  const auto open = [&] {
    std::int64_t count = 0;
    for (const auto& [key, tally] : deltas.pipeline) count += tally.count;
    return count;
  };
  Apply(fact, Seen(1, "OPEN", At(1, 1)), 0, kUtc, deltas);
  EXPECT_EQ(open(), 1);
  Apply(fact, Seen(1, "LOST", At(1, 5)), 0, kUtc, deltas);
  EXPECT_EQ(open(), 0);
  Apply(fact, Seen(1, "OPEN", At(1, 6)), 0, kUtc, deltas);
  EXPECT_EQ(open(), 1);
  for (const auto& [key, count] : deltas.loss) EXPECT_EQ(count, 0);
}

TEST(LeadFact, CountsAWinThatComesBeforeTheLead) {
  LeadFact early, late;
  Deltas a, b;
  const LeadSeen captured{
      .id = Uuid(1, 1), .source = "social", .state = "NEW", .captured = true, .occurred_time = At(1, 1)};
  const LeadWins win{.lead_id = Uuid(1, 1), .change = 1};
  Apply(early, win, 0, a);
  Apply(early, captured, 0, kUtc, a);
  Apply(late, captured, 0, kUtc, b);
  Apply(late, win, 0, b);
  const auto counted = [](const Deltas& deltas) {
    std::vector<std::string> rows;
    for (const auto& [key, count] : deltas.lead)
      if (count != 0) rows.push_back(key.source + (key.won ? " won" : " not won"));
    return rows;
  };
  EXPECT_EQ(counted(a), std::vector<std::string>{"social won"});
  EXPECT_EQ(counted(a), counted(b));
}

TEST(AgeOf, HasTheBucketsOfTheLedger) {
  const absl::CivilDay due(2026, 1, 31);
  EXPECT_EQ(AgeOf(due, due - 40), AgeBucket::kCurrent);
  EXPECT_EQ(AgeOf(due, due), AgeBucket::kCurrent);
  EXPECT_EQ(AgeOf(due, due + 1), AgeBucket::k1To30);
  EXPECT_EQ(AgeOf(due, due + 30), AgeBucket::k1To30);
  EXPECT_EQ(AgeOf(due, due + 31), AgeBucket::k31To60);
  EXPECT_EQ(AgeOf(due, due + 60), AgeBucket::k31To60);
  EXPECT_EQ(AgeOf(due, due + 61), AgeBucket::k61To90);
  EXPECT_EQ(AgeOf(due, due + 90), AgeBucket::k61To90);
  EXPECT_EQ(AgeOf(due, due + 91), AgeBucket::kOver90);
}

std::int64_t Outstanding(const Deltas& deltas, absl::CivilDay as_of) {
  std::int64_t sum = 0;
  for (const auto& [key, tally] : deltas.receivable)
    if (key.dimension == dimension::kTotal && key.day <= as_of) sum += tally.amount_minor;
  return sum;
}

TEST(Receivable, OwesWhatIsScheduledAndNotPaid) {
  const ContractSeen active{.id = Uuid(1, 1),
                            .owed = true,
                            .instalments = {{Uuid(1, 2), "CNY", 600, absl::CivilDay(2026, 2, 1)},
                                            {Uuid(1, 3), "CNY", 400, absl::CivilDay(2026, 3, 1)}},
                            .occurred_time = At(1, 10)};
  Receivable in_order, payment_first;
  Deltas a, b;
  Apply(in_order, active, 0, kUtc, a);
  Apply(in_order, Uuid(1, 2), 250, absl::CivilDay(2026, 1, 20), 0, a);
  Apply(payment_first, Uuid(1, 2), 250, absl::CivilDay(2026, 1, 20), 0, b);
  Apply(payment_first, active, 0, kUtc, b);
  for (const Deltas* deltas : {&a, &b}) {
    EXPECT_EQ(Outstanding(*deltas, absl::CivilDay(2026, 1, 9)), 0);
    EXPECT_EQ(Outstanding(*deltas, absl::CivilDay(2026, 1, 10)), 1000);
    EXPECT_EQ(Outstanding(*deltas, absl::CivilDay(2026, 1, 20)), 750);
  }
}

TEST(Receivable, NeverOwesLessThanNothing) {
  const absl::CivilDay activated(2026, 1, 10);
  const auto paid_on = [&](absl::CivilDay day, bool contract_first) {
    const ContractSeen active{.id = Uuid(1, 1),
                              .owed = true,
                              .instalments = {{Uuid(1, 2), "CNY", 600, absl::CivilDay(2026, 2, 1)}},
                              .occurred_time = absl::FromCivil(activated, kUtc)};
    Receivable receivable;
    Deltas deltas;
    if (contract_first) Apply(receivable, active, 0, kUtc, deltas);
    Apply(receivable, Uuid(1, 2), 250, day, 0, deltas);
    if (!contract_first) Apply(receivable, active, 0, kUtc, deltas);
    return deltas;
  };
  for (const bool contract_first : {true, false}) {
    const Deltas deltas = paid_on(activated - 3, contract_first);
    EXPECT_EQ(Outstanding(deltas, activated - 1), 0);
    EXPECT_EQ(Outstanding(deltas, activated), 350);
    EXPECT_EQ(Outstanding(paid_on(activated + 2, contract_first), activated + 1), 600);
  }
}

// A payment may be recorded late: it counts from the day it came, whatever the contract has been through.
TEST(Receivable, CountsAPaymentFromTheDayItCame) {
  ContractSeen contract{.id = Uuid(1, 1),
                        .owed = true,
                        .instalments = {{Uuid(1, 2), "CNY", 600, absl::CivilDay(2026, 2, 1)}},
                        .occurred_time = At(1, 10)};
  Receivable receivable;
  Deltas deltas;
  Apply(receivable, contract, 0, kUtc, deltas);
  contract.occurred_time = At(1, 20);
  Apply(receivable, contract, 0, kUtc, deltas);
  Apply(receivable, Uuid(1, 2), 250, absl::CivilDay(2026, 1, 15), 0, deltas);
  EXPECT_EQ(Outstanding(deltas, absl::CivilDay(2026, 1, 14)), 600);
  EXPECT_EQ(Outstanding(deltas, absl::CivilDay(2026, 1, 15)), 350);
  EXPECT_EQ(Outstanding(deltas, absl::CivilDay(2026, 1, 20)), 350);
}

TEST(Countable, AHugeAmountDoesNotDrownTheOthers) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  Deltas deltas;
  for (const std::int64_t amount : {kHuge, kHuge, std::int64_t{5}}) {
    OpportunityFact fact;
    Apply(fact, Seen(1, "OPEN", At(1, 1), amount), 0, kUtc, deltas);
  }
  EXPECT_EQ(Total(deltas, 1, "OPEN", absl::CivilDay(2026, 1, 1)).amount_minor, 2 * kLargestAmount + 5);

  Receivable receivable;
  Apply(receivable,
        ContractSeen{.id = Uuid(1, 1),
                     .owed = true,
                     .instalments = {{Uuid(1, 2), "CNY", kHuge, absl::CivilDay(2026, 2, 1)},
                                     {Uuid(1, 3), "CNY", kHuge, absl::CivilDay(2026, 2, 1)}},
                     .occurred_time = At(1, 10)},
        0, kUtc, deltas);
  EXPECT_EQ(Outstanding(deltas, absl::CivilDay(2026, 1, 10)), 2 * kLargestAmount);
}

TEST(Receivable, KeepsEarlyPaymentsAsText) {
  const std::vector<Instalment::Early> early{{absl::CivilDay(2026, 1, 31), 500},
                                             {absl::CivilDay(2026, 2, 1), -20}};
  EXPECT_EQ(EarlyText(early), "2026-01-31:500,2026-02-01:-20");
  EXPECT_EQ(EarlyText(ParseEarly(EarlyText(early))), EarlyText(early));
  EXPECT_TRUE(ParseEarly("").empty());
}

}  // namespace
}  // namespace crm::analytics
