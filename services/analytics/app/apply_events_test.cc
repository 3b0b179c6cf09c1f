#include "services/analytics/app/apply_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "services/analytics/app/plan_resources.h"
#include "services/analytics/app/reports.h"

namespace crm::analytics {
namespace {

const absl::TimeZone kUtc = absl::UTCTimeZone();
const Uuid kProcess(7, 7);

absl::Time DayTime(absl::CivilDay day) { return absl::FromCivil(day, kUtc); }
Uuid Id(std::uint64_t kind, std::uint64_t number) {
  return Uuid(kind << 32 | 0x7000, 0x8000000000000000ULL | number);
}

// One event with where it stands in its aggregate.
struct Told {
  std::string source;
  Uuid aggregate;
  std::int64_t seq = 0;
  Recorded event;
};
using History = std::vector<Told>;

class ApplyEventsTest : public ::testing::Test {
 protected:
  ApplyEventsTest() { schema_.Empty(); }

  void ApplySet(const std::vector<Told>& set) {
    std::vector<work::Request<Recorded>> requests;
    for (const Told& told : set)
      requests.push_back({caller_, told.event,
                          work::EventKey{told.source, Uuid::FromName(told.aggregate, absl::StrCat(told.seq)),
                                         told.aggregate, told.seq}});
    for (const work::Outcome& outcome : ApplyEvents(work_, requests, kUtc))
      ASSERT_TRUE(outcome.ok()) << outcome.status();
  }

  // In sets of at most `size` in which no aggregate occurs twice, as the consumer makes them.
  void ApplyAll(const History& history, std::size_t size) {
    std::vector<Told> set;
    std::set<Uuid> in_set;
    for (const Told& told : history) {
      if (set.size() == size || in_set.contains(told.aggregate)) {
        ApplySet(set);
        set.clear();
        in_set.clear();
      }
      set.push_back(told);
      in_set.insert(told.aggregate);
    }
    ApplySet(set);
  }

  std::string Dump() {
    std::vector<std::string> all;
    for (const char* sql :
         {"SELECT process_id, stage_order, key, name, maximum_days FROM stage ORDER BY 1, 2",
          "SELECT id, stage_order, reached_order, status, amount_minor, entered_time, version FROM "
          "opportunity_fact "
          "ORDER BY id",
          "SELECT id, owner_id, org_unit_id, captured, source, state, captured_day, qualified, wins FROM "
          "lead_fact ORDER BY id",
          "SELECT id, owner_id, owed FROM receivable ORDER BY id",
          "SELECT receivable_id, id, currency, amount_minor, paid_minor, due_day, early FROM "
          "receivable_instalment "
          "ORDER BY 1, 2",
          "SELECT * FROM funnel_now WHERE (opportunities, amount_minor) <> (0, 0) ORDER BY 1, 2, 3, 4, 5, 6, "
          "7",
          "SELECT * FROM funnel_day WHERE (opportunities, amount_minor) <> (0, 0) ORDER BY 1, 2, 3, 4, 5, 6, "
          "7, 8",
          "SELECT * FROM conversion_rollup WHERE opportunities <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
          "SELECT * FROM duration_rollup WHERE visits <> 0 ORDER BY 1, 2, 3, 4, 5",
          "SELECT * FROM loss_rollup WHERE opportunities <> 0 ORDER BY 1, 2, 3, 4, 5, 6",
          "SELECT * FROM pipeline_rollup WHERE opportunities <> 0 ORDER BY 1, 2, 3, 4, 5",
          "SELECT * FROM lead_rollup WHERE leads <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
          "SELECT * FROM receivable_day WHERE (instalments, amount_minor) <> (0, 0) ORDER BY 1, 2, 3, 4, 5, "
          "6"})
      for (std::string& row : schema_.Sql(sql)) all.push_back(std::move(row));
    return absl::StrJoin(all, "\n");
  }

  ReportContext Context() { return {.pool = pool_, .caller = caller_, .zone = kUtc}; }

  testing::TestSchema schema_{"guanxi_analytics", "services/analytics/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 4}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "analytics", codecs_, {.events_appended = [] {}, .jobs_scheduled = [] {}}};
  work::Caller caller_{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""};
};

Stage StageOf(int order) {
  static const char* const kKeys[] = {"need", "proposal", "negotiation"};
  const char* key = kKeys[order - 1];
  return {.process_id = kProcess,
          .order = order,
          .key = key,
          .name = key,
          .probability_percent = 20 * order,
          .maximum_days = 30};
}

// Opportunities that move forwards and backwards, change hands and amounts, are won, lost and reopened; the
// leads they came from; contracts paid in parts. Per aggregate in order, otherwise shuffled.
History RandomHistory(unsigned seed) {
  std::mt19937 random(seed);
  const auto roll = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<History> stories;
  const char* const sources[] = {"", "social", "paid_search"};
  for (std::uint64_t i = 0; i < 150; ++i) {
    const Uuid lead = Id(1, i);
    const std::string source = sources[roll(3)];
    History story;
    absl::CivilDay day = absl::CivilDay(2025, 1, 1) + roll(200);
    const auto told = [&](std::string state, bool captured, bool qualified) {
      story.push_back({"customer", lead, static_cast<std::int64_t>(story.size()) + 1,
                       LeadSeen{.id = lead,
                                .owner_id = captured ? Uuid() : Id(9, i % 5),
                                .org_unit_id = Id(8, i % 2),
                                .source = source,
                                .state = std::move(state),
                                .captured = captured,
                                .qualified = qualified,
                                .occurred_time = DayTime(day)}});
    };
    told("NEW", true, false);
    told("ASSIGNED", false, false);
    if (roll(2) == 0) told("WORKING", false, true);
    if (roll(3) == 0) told("CONVERTED", false, false);
    stories.push_back(story);
  }
  for (std::uint64_t i = 0; i < 200; ++i) {
    OpportunitySeen seen;
    seen.id = Id(2, i);
    seen.owner_id = Id(9, static_cast<std::uint64_t>(roll(5)));
    seen.org_unit_id = Id(8, static_cast<std::uint64_t>(roll(2)));
    seen.stage = StageOf(1);
    seen.status = "OPEN";
    seen.source = sources[roll(3)];
    seen.currency = roll(4) == 0 ? "EUR" : "CNY";
    seen.amount_minor = 100 + roll(100000);
    seen.products = roll(2) == 0 ? std::vector<std::string>{"A"} : std::vector<std::string>{"A", "B"};
    if (roll(2) == 0) seen.lead_id = Id(1, static_cast<std::uint64_t>(roll(150)));
    absl::CivilDay day = absl::CivilDay(2025, 1, 1) + roll(200);
    seen.opened_time = seen.occurred_time = DayTime(day);
    History story;
    const auto tell = [&] {
      story.push_back({"opportunity", seen.id, static_cast<std::int64_t>(story.size()) + 1, seen});
    };
    tell();
    for (int step = roll(8); step > 0; --step) {
      day += roll(40);
      seen.occurred_time = DayTime(day);
      if (seen.status != "OPEN") {
        seen.status = "OPEN";
      } else if (const int what = roll(6); what == 0) {
        seen.amount_minor = 100 + roll(100000);
      } else if (what == 1) {
        seen.owner_id = Id(9, static_cast<std::uint64_t>(roll(5)));
      } else if (what == 2) {
        seen.status = "WON";
      } else if (what == 3) {
        seen.status = "LOST";
        seen.close_reason = roll(2) == 0 ? "PRICE" : "TIMING";
      } else {
        seen.stage = StageOf(1 + roll(3));
      }
      tell();
    }
    stories.push_back(story);
  }
  for (std::uint64_t i = 0; i < 60; ++i) {
    ContractSeen seen;
    seen.id = Id(3, i);
    seen.owner_id = Id(9, static_cast<std::uint64_t>(roll(5)));
    seen.org_unit_id = Id(8, 0);
    absl::CivilDay day = absl::CivilDay(2025, 1, 1) + roll(200);
    for (std::uint64_t n = 0; n < 3; ++n)
      seen.instalments.push_back({Id(4, i * 10 + n), roll(3) == 0 ? "EUR" : "CNY", 1000 + roll(1000),
                                  day + 30 * static_cast<int>(n + 1)});
    seen.occurred_time = DayTime(day);
    History story;
    story.push_back({"contract_credit", seen.id, 1, seen});
    seen.owed = true;
    story.push_back({"contract_credit", seen.id, 2, seen});
    for (int n = roll(4); n > 0; --n) {
      day += roll(30);
      story.push_back(
          {"contract_credit", seen.id, static_cast<std::int64_t>(story.size()) + 1,
           PaymentSeen{{{seen.id, seen.instalments[static_cast<std::size_t>(roll(3))].id, 100 + roll(400)}},
                       day}});
    }
    stories.push_back(story);
  }
  History history;
  std::vector<std::size_t> next(stories.size(), 0), open(stories.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  while (!open.empty()) {
    const auto at = static_cast<std::size_t>(roll(static_cast<int>(open.size())));
    const std::size_t story = open[at];
    history.push_back(stories[story][next[story]++]);
    if (next[story] == stories[story].size()) open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return history;
}

// The same events, each source for itself and one after another, as a rebuild reads them.
History BySource(History history) {
  std::stable_sort(history.begin(), history.end(),
                   [](const Told& a, const Told& b) { return a.source > b.source; });
  return history;
}

TEST_F(ApplyEventsTest, CountedAgainFromZeroGivesTheSameNumbers) {
  const History history = RandomHistory(1);
  ApplyAll(history, 64);
  const std::string live = Dump();
  schema_.Empty();
  ApplyAll(BySource(history), 17);
  EXPECT_EQ(live, Dump());
}

TEST_F(ApplyEventsTest, CountsEachEventOnceHoweverOftenItComes) {
  const History history = RandomHistory(2);
  ApplyAll(history, 64);
  const std::string once = Dump();
  ApplyAll(history, 50);
  EXPECT_EQ(once, Dump());
}

TEST_F(ApplyEventsTest, SourcesAppliedAtTheSameTimeGiveTheSameNumbers) {
  const History history = RandomHistory(3);
  std::map<std::string, History> parts;
  for (const Told& told : history) parts[told.source].push_back(told);
  std::vector<History> sources;
  for (auto& [name, part] : parts) sources.push_back(std::move(part));
  testing::RunConcurrently(static_cast<int>(sources.size()),
                           [&](int i) { ApplyAll(sources[static_cast<std::size_t>(i)], 16); });
  const std::string live = Dump();
  schema_.Empty();
  ApplyAll(history, 64);
  EXPECT_EQ(live, Dump());
}

TEST_F(ApplyEventsTest, SixtyFourEventsTakeAsManyStatementsAsTwo) {
  const auto created = [](std::uint64_t from, std::uint64_t to) {
    std::vector<Told> set;
    for (std::uint64_t i = from; i < to; ++i) {
      OpportunitySeen seen;
      seen.id = Id(2, i);
      seen.stage = StageOf(1);
      seen.status = "OPEN";
      seen.currency = "CNY";
      seen.amount_minor = 1000;
      seen.opened_time = seen.occurred_time = DayTime(absl::CivilDay(2025, 1, 1));
      set.push_back({"opportunity", seen.id, 1, seen});
    }
    return set;
  };
  ApplySet(created(0, 2));
  const std::int64_t before = pool_.round_trips();
  ApplySet(created(10, 12));
  const std::int64_t of_two = pool_.round_trips() - before;
  ApplySet(created(100, 164));
  EXPECT_EQ(pool_.round_trips() - before - of_two, of_two);
}

// Plain SQL over the events themselves, as VALUES, says what the funnel was on a day.
TEST_F(ApplyEventsTest, FunnelOfAPastDayIsWhatPlainSqlSays) {
  const History history = RandomHistory(4);
  ApplyAll(history, 64);
  std::vector<std::string> values;
  for (const Told& told : history)
    if (const auto* seen = std::get_if<OpportunitySeen>(&told.event))
      values.push_back(absl::StrFormat(
          "('%s'::uuid, %d, '%s'::date, %d, '%s', '%s', %d, '%s')", seen->id.ToString(), told.seq,
          absl::FormatCivilTime(absl::ToCivilDay(seen->occurred_time, kUtc)), seen->stage.order, seen->status,
          seen->currency, seen->amount_minor, seen->owner_id.ToString()));
  const std::string events = absl::StrCat(
      "e(id, seq, day, stage, status, currency, amount, owner) AS (VALUES ", absl::StrJoin(values, ","), ")");
  for (const absl::CivilDay day :
       {absl::CivilDay(2025, 2, 1), absl::CivilDay(2025, 6, 15), absl::CivilDay(2027, 1, 1)}) {
    const std::vector<std::string> expected = schema_.Sql(absl::StrCat(
        "WITH ", events, ", last AS (SELECT DISTINCT ON (id) * FROM e WHERE day <= '",
        absl::FormatCivilTime(day),
        "' ORDER BY id, seq DESC) SELECT owner, stage, status, currency, count(*), sum(amount) FROM last "
        "GROUP BY 1, 2, 3, 4 ORDER BY owner::text, 2, 3, 4"));
    const auto lines = GetFunnel(
        Context(), {.dimension = std::string(dimension::kOwner), .as_of = day, .process_id = kProcess});
    ASSERT_TRUE(lines.ok());
    std::vector<std::string> rows;
    for (const FunnelLine& line : *lines)
      rows.push_back(absl::StrCat(line.group, "|", line.stage.order, "|", line.status, "|", line.currency,
                                  "|", line.opportunities, "|", line.amount_minor));
    EXPECT_EQ(rows, expected);
    EXPECT_FALSE(rows.empty());
  }
  // Now is the last of all days.
  const auto now =
      GetFunnel(Context(), {.dimension = std::string(dimension::kOwner), .as_of = {}, .process_id = {}});
  const auto last = GetFunnel(
      Context(),
      {.dimension = std::string(dimension::kOwner), .as_of = absl::CivilDay(2100, 1, 1), .process_id = {}});
  ASSERT_TRUE(now.ok() && last.ok());
  EXPECT_EQ(now->size(), last->size());
}

TEST_F(ApplyEventsTest, ConversionIsWhatPlainSqlSays) {
  const Period period{absl::CivilDay(2025, 1, 1), absl::CivilDay(2025, 3, 31)};
  const auto none = GetConversion(Context(), {.process_id = std::nullopt, .period = period});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->entered, 0);

  const History history = RandomHistory(5);
  ApplyAll(history, 64);
  const auto conversion = GetConversion(Context(), {.process_id = std::nullopt, .period = period});
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_EQ(conversion->process_id, kProcess);

  std::vector<std::string> values;
  for (const Told& told : history)
    if (const auto* seen = std::get_if<OpportunitySeen>(&told.event))
      values.push_back(absl::StrFormat("('%s'::uuid, %d, '%s'::date, %d, '%s')", seen->id.ToString(),
                                       told.seq,
                                       absl::FormatCivilTime(absl::ToCivilDay(seen->occurred_time, kUtc)),
                                       seen->stage.order, seen->status));
  const std::string events = absl::StrCat(
      "WITH e(id, seq, day, stage, status) AS (VALUES ", absl::StrJoin(values, ","),
      "), o AS (SELECT id, min(day) AS opened, max(stage) AS reached, (array_agg(status ORDER BY seq "
      "DESC))[1] AS status FROM e GROUP BY id) ");
  for (std::size_t i = 0; i < conversion->stages.size(); ++i) {
    const auto expected = schema_.Sql(absl::StrCat(events,
                                                   "SELECT count(*), count(*) FILTER (WHERE status = 'WON') "
                                                   "FROM o WHERE opened BETWEEN '2025-01-01' AND "
                                                   "'2025-03-31' AND (reached >= ",
                                                   i + 1, " OR status = 'WON')"));
    EXPECT_EQ(absl::StrCat(conversion->stages[i].reached, "|", conversion->stages[i].to_won.hits),
              expected[0]);
  }
  // Ended visits: an opportunity's runs of one stage while open, by the gaps between the events that began
  // them.
  for (const StageConversion& stage : conversion->stages) {
    const auto expected = schema_.Sql(
        absl::StrCat(events,
                     ", c AS (SELECT e.*, lag(e.stage) OVER w IS DISTINCT FROM e.stage OR lag(e.status) OVER "
                     "w IS DISTINCT "
                     "FROM e.status AS begins FROM e JOIN o USING (id) WHERE o.opened BETWEEN '2025-01-01' "
                     "AND '2025-03-31' "
                     "WINDOW w AS (PARTITION BY e.id ORDER BY e.seq)), v AS (SELECT stage, status, lead(day) "
                     "OVER (PARTITION BY id "
                     "ORDER BY seq) - day AS days FROM c WHERE begins), b AS (SELECT days "
                     "FROM v WHERE stage = ",
                     stage.stage.order,
                     " AND status = 'OPEN' AND days IS NOT NULL) "
                     "SELECT count(*), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY days)::numeric, 6), "
                     "round(percentile_cont(0.8) WITHIN GROUP (ORDER BY days)::numeric, 6) FROM b"));
    EXPECT_EQ(absl::StrFormat("%d|%.6f|%.6f", stage.visits, stage.median_days, stage.p80_days), expected[0]);
  }
}

TEST_F(ApplyEventsTest, LeadConversionIsWhatPlainSqlSays) {
  ApplyAll(RandomHistory(6), 64);
  const auto lines = GetLeadConversion(Context(), {absl::CivilDay(2025, 1, 1), absl::CivilDay(2026, 1, 1)});
  ASSERT_TRUE(lines.ok());
  std::vector<std::string> rows;
  for (const LeadSourceLine& line : *lines)
    rows.push_back(
        absl::StrCat(line.source, "|", line.leads, "|", line.qualified, "|", line.converted, "|", line.won));
  EXPECT_EQ(
      rows,
      schema_.Sql("SELECT l.source, count(*), count(*) FILTER (WHERE qualified OR l.state = 'CONVERTED'), "
                  "count(*) FILTER (WHERE l.state = 'CONVERTED'), count(*) FILTER (WHERE EXISTS (SELECT "
                  "FROM opportunity_fact o WHERE o.lead_id = l.id AND o.status = 'WON')) FROM lead_fact l "
                  "WHERE captured GROUP BY l.source ORDER BY 2 DESC, 1"));
  EXPECT_EQ(rows.size(), 3u);
}

TEST_F(ApplyEventsTest, AgeingIsWhatPlainSqlSays) {
  const History history = RandomHistory(7);
  ApplyAll(history, 64);
  std::vector<std::string> due, paid;
  for (const Told& told : history) {
    if (const auto* seen = std::get_if<ContractSeen>(&told.event); seen != nullptr && seen->owed)
      for (const InstalmentSeen& i : seen->instalments)
        due.push_back(absl::StrFormat("('%s', '%s', %d, '%s'::date, '%s'::date)", i.id.ToString(), i.currency,
                                      i.amount_minor, absl::FormatCivilTime(i.due_day),
                                      absl::FormatCivilTime(absl::ToCivilDay(seen->occurred_time, kUtc))));
    if (const auto* seen = std::get_if<PaymentSeen>(&told.event))
      for (const PaymentSeen::Part& part : seen->parts)
        paid.push_back(absl::StrFormat("('%s', %d, '%s'::date)", part.instalment_id.ToString(),
                                       part.amount_minor, absl::FormatCivilTime(seen->day)));
  }
  for (const std::string day : {"2025-03-01", "2025-07-01", "2026-01-01"}) {
    absl::CivilDay as_of;
    ASSERT_TRUE(absl::ParseCivilTime(day, &as_of));
    const auto lines = GetAgeing(Context(), {.dimension = std::string(dimension::kTotal), .as_of = as_of});
    ASSERT_TRUE(lines.ok());
    std::vector<std::string> rows;
    for (const AgeingLine& line : *lines)
      rows.push_back(absl::StrCat(line.currency, "|", absl::StrJoin(line.outstanding_minor, "|")));
    EXPECT_EQ(
        rows,
        schema_.Sql(absl::StrCat(
            "WITH i(id, currency, amount, due, since) AS (VALUES ", absl::StrJoin(due, ","),
            "), p(id, amount, day) AS (VALUES ", absl::StrJoin(paid, ","), "), o AS (SELECT currency, '", day,
            "'::date - due AS age, amount - coalesce((SELECT "
            "sum(p.amount) FROM p WHERE p.id = i.id AND p.day <= '",
            day,
            "'), 0) AS owed FROM i WHERE "
            "since <= '",
            day,
            "') SELECT currency, coalesce(sum(owed) FILTER (WHERE age <= 0), 0), "
            "coalesce(sum(owed) FILTER (WHERE age BETWEEN 1 AND 30), 0), coalesce(sum(owed) FILTER (WHERE "
            "age BETWEEN 31 AND 60), 0), coalesce(sum(owed) FILTER (WHERE age BETWEEN 61 AND 90), 0), "
            "coalesce(sum(owed) FILTER (WHERE age > 90), 0) FROM o GROUP BY currency ORDER BY 1")));
  }
}

TEST_F(ApplyEventsTest, PlanTakesItsInputsFromHistory) {
  PlanQuery query;
  query.target = {"CNY", 100'000'000};
  query.period_start = absl::CivilDay(2000, 1, 1);
  query.period_end = absl::CivilDay(2100, 1, 1);
  query.history_from = absl::CivilDay(2000, 1, 1);
  EXPECT_EQ(errors::Reason(PlanResources(Context(), query).status()), "NOT_ENOUGH_HISTORY");

  ApplyAll(RandomHistory(8), 64);
  query.stages["lead"].effort_hours = 1;
  query.hours_per_person = 100;
  const auto planned = PlanResources(Context(), query);
  ASSERT_TRUE(planned.ok()) << planned.status();
  const auto won = schema_.Sql(
      "SELECT sum(amount_minor), count(*) FROM opportunity_fact WHERE status = 'WON' AND "
      "currency = 'CNY'");
  EXPECT_EQ(absl::StrFormat("%.0f", planned->inputs.committed_minor), won[0].substr(0, won[0].find('|')));
  ASSERT_EQ(planned->inputs.stages.size(), 5u);
  EXPECT_EQ(
      absl::StrCat(planned->inputs.stages[2].stock),
      schema_.Sql("SELECT count(*) FROM opportunity_fact WHERE status = 'OPEN' AND stage_order = 1")[0]);
  EXPECT_DOUBLE_EQ(planned->plan.head_count, planned->plan.stages[0].needed / 100);
  EXPECT_EQ(planned->plan.probability, PlanResources(Context(), query)->plan.probability);

  query.stages["invented"].days = 1;
  EXPECT_EQ(PlanResources(Context(), query).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace crm::analytics
