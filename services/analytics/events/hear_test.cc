#include "services/analytics/events/hear.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/redis.h"
#include "crm/event/v1/event.pb.h"
#include "services/analytics/app/forget.h"

namespace crm::analytics {
namespace {

using stream::Event;
namespace event = crm::event::v1;

const absl::TimeZone kUtc = absl::UTCTimeZone();

Uuid Id(std::uint64_t kind, std::uint64_t number) {
  return Uuid(kind << 32 | 0x7000, 0x8000000000000000ULL | number);
}

// The logs of the three sources, and what they hold.
class Logs {
 public:
  Event& Add(const std::string& source, const std::string& aggregate_type, const Uuid& aggregate,
             const std::string& type) {
    Event& event = logs_[source][outbox::ShardOf(aggregate)].emplace_back();
    event.set_id(Id(99, ++count_).ToString());
    event.set_type(type);
    event.set_source(source);
    event.set_aggregate_type(aggregate_type);
    event.set_aggregate_id(aggregate.ToString());
    event.set_aggregate_seq(++seq_[aggregate]);
    event.mutable_occurred_time()->set_seconds(1'767'225'600 + 3600 * count_);  // 2026-01-01
    *event.mutable_recorded_time() = event.occurred_time();
    return event;
  }
  int size() const { return count_; }

  stream::Source SourceOf(const std::string& name) {
    return {.name = name,
            .read_events = [this, name](int shard, const outbox::LogPosition& after,
                                        int limit) -> absl::StatusOr<std::vector<Event>> {
              std::vector<Event> page;
              for (const Event& event : logs_[name][shard]) {
                const absl::Time time = absl::FromUnixSeconds(event.recorded_time().seconds());
                if (time < after.recorded_time) continue;
                if (time == after.recorded_time && *Uuid::Parse(event.id()) <= after.id) continue;
                if (static_cast<int>(page.size()) < limit) page.push_back(event);
              }
              return page;
            },
            .shards = outbox::kShards};
  }

 private:
  std::map<std::string, std::map<int, std::vector<Event>>> logs_;
  std::map<Uuid, std::int64_t> seq_;
  int count_ = 0;
};

void FillStage(event::StageFacts& stage, int order) {
  stage.set_key(order == 1 ? "need" : "proposal");
  stage.set_name(order == 1 ? "Need" : "Proposal");
  stage.set_order(order);
  stage.set_max_days(30);
}

// Ten leads, of which every second becomes an opportunity; every fourth of all is won, contracted and half
// paid.
void Tell(Logs& logs) {
  auto& process = *logs.Add("opportunity", "sales_process", Id(7, 7), "SalesProcessChanged")
                       .mutable_sales_process_changed();
  process.set_process_id(Id(7, 7).ToString());
  FillStage(*process.add_stages(), 1);
  FillStage(*process.add_stages(), 2);
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Uuid lead = Id(1, i), opportunity = Id(2, i), contract = Id(3, i);
    const auto fill_lead = [&](event::LeadFacts& facts, const char* state) {
      facts.set_lead_id(lead.ToString());
      facts.set_source(i % 3 == 0 ? "social" : "email");
      facts.set_state(state);
      facts.set_org_unit_id(Id(8, 1).ToString());
      if (state != std::string("NEW")) facts.set_owner_id(Id(9, i % 2).ToString());
    };
    fill_lead(*logs.Add("customer", "lead", lead, "LeadCaptured").mutable_lead_captured()->mutable_lead(),
              "NEW");
    fill_lead(*logs.Add("customer", "lead", lead, "LeadAssigned").mutable_lead_assigned()->mutable_lead(),
              "ASSIGNED");
    logs.Add("customer", "import", Id(5, i), "ImportChanged");
    if (i % 2 != 0) continue;
    auto& qualified = *logs.Add("customer", "lead", lead, "LeadQualified").mutable_lead_qualified();
    fill_lead(*qualified.mutable_lead(), "WORKING");
    qualified.set_outcome("OPPORTUNITY");
    fill_lead(*logs.Add("customer", "lead", lead, "LeadConverted").mutable_lead_converted()->mutable_lead(),
              "CONVERTED");
    const auto fill = [&](event::OpportunityFacts& facts, int stage, const char* status) {
      facts.set_opportunity_id(opportunity.ToString());
      facts.set_process_id(Id(7, 7).ToString());
      FillStage(*facts.mutable_stage(), stage);
      facts.set_status(status);
      facts.set_lead_id(lead.ToString());
      facts.mutable_amount()->set_currency_code("CNY");
      facts.mutable_amount()->set_minor_units(static_cast<std::int64_t>(1000 * (i + 1)));
      facts.add_product_ids(Id(6, 1).ToString());
      facts.add_product_names("Pump");
    };
    fill(*logs.Add("opportunity", "opportunity", opportunity, "OpportunityCreated")
              .mutable_opportunity_created()
              ->mutable_opportunity(),
         1, "OPEN");
    fill(*logs.Add("opportunity", "opportunity", opportunity, "OpportunityStageMoved")
              .mutable_opportunity_stage_moved()
              ->mutable_opportunity(),
         2, "OPEN");
    if (i % 4 != 0) continue;
    fill(*logs.Add("opportunity", "opportunity", opportunity, "OpportunityWon")
              .mutable_opportunity_won()
              ->mutable_opportunity(),
         2, "WON");
    const auto fill_contract = [&](event::ContractFacts& facts, const char* state) {
      facts.set_contract_id(contract.ToString());
      facts.set_state(state);
      auto& instalment = *facts.add_instalments();
      instalment.set_instalment_id(Id(4, i).ToString());
      instalment.set_number(1);
      instalment.mutable_amount()->set_currency_code("CNY");
      instalment.mutable_amount()->set_minor_units(static_cast<std::int64_t>(1000 * (i + 1)));
      instalment.set_due_date("2026-02-01");
    };
    fill_contract(*logs.Add("contract_credit", "contract", contract, "ContractActivated")
                       .mutable_contract_activated()
                       ->mutable_contract(),
                  "ACTIVE");
    auto& payment =
        *logs.Add("contract_credit", "contract", contract, "PaymentReceived").mutable_payment_received();
    auto& allocation = *payment.add_allocations();
    allocation.set_contract_id(contract.ToString());
    allocation.mutable_instalment()->set_instalment_id(Id(4, i).ToString());
    allocation.mutable_amount()->set_currency_code("CNY");
    allocation.mutable_amount()->set_minor_units(static_cast<std::int64_t>(500 * (i + 1)));
  }
}

class AnalyticsConsumerTest : public ::testing::Test {
 protected:
  AnalyticsConsumerTest() {
    schema_.Empty();
    Tell(logs_);
  }

  // Hears every log from where it stands until all of it is in the inbox.
  void Listen() {
    stream::Consumer consumer({.name = "analytics",
                               .redis_url = redis_.url(),
                               .sources = {logs_.SourceOf("customer"), logs_.SourceOf("opportunity"),
                                           logs_.SourceOf("contract_credit")}},
                              work_, pool_);
    Hear(consumer, work_, kUtc);
    consumer.Start();
    EXPECT_TRUE(testing::Eventually(
        [&] { return schema_.Sql("SELECT count(*) FROM inbox")[0] == std::to_string(logs_.size()); }));
    consumer.Stop();
    EXPECT_EQ(schema_.Sql("SELECT count(*) FROM dead_letter")[0], "0");
  }

  std::string Dump() {
    std::vector<std::string> all;
    for (const char* sql :
         {"SELECT * FROM stage ORDER BY 1, 2",
          "SELECT * FROM funnel_day WHERE (opportunities, amount_minor) <> (0, 0) ORDER BY 1, 2, 3, 4, 5, 6, "
          "7, 8",
          "SELECT * FROM conversion_rollup WHERE opportunities <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
          "SELECT * FROM duration_rollup WHERE visits <> 0 ORDER BY 1, 2, 3, 4, 5",
          "SELECT id, owner_id, org_unit_id, state, wins FROM lead_fact ORDER BY 1",
          "SELECT * FROM lead_rollup WHERE leads <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
          "SELECT * FROM receivable_day WHERE (instalments, amount_minor) <> (0, 0) ORDER BY 1, 2, 3, 4, 5, "
          "6"})
      for (std::string& row : schema_.Sql(sql)) all.push_back(std::move(row));
    return absl::StrJoin(all, "\n");
  }

  testing::TestSchema schema_{"guanxi_analytics", "services/analytics/migrations"};
  testing::TestRedis redis_;
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 4}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "analytics", codecs_, {.events_appended = [] {}, .jobs_scheduled = [] {}}};
  Logs logs_;
};

TEST_F(AnalyticsConsumerTest, CountsWhatTheLogsTell) {
  Listen();
  EXPECT_EQ(
      schema_.Sql(
          "SELECT status, sum(opportunities), sum(amount_minor) FROM funnel_now WHERE dimension = 'PRODUCT' "
          "AND member = 'Pump' GROUP BY status HAVING sum(opportunities) <> 0 ORDER BY status"),
      (std::vector<std::string>{"OPEN|10|210000", "WON|10|190000"}));
  EXPECT_EQ(schema_.Sql(
                "SELECT source, sum(leads), sum(leads) FILTER (WHERE qualified), sum(leads) FILTER (WHERE "
                "converted), sum(leads) FILTER (WHERE won) FROM lead_rollup GROUP BY source ORDER BY source"),
            (std::vector<std::string>{"email|26|13|13|6", "social|14|7|7|4"}));
  const std::string unit = "|" + Id(8, 1).ToString() + "|20";
  EXPECT_EQ(schema_.Sql("SELECT owner_id, org_unit_id, count(*) FROM lead_fact GROUP BY 1, 2 ORDER BY 1, 2"),
            (std::vector<std::string>{Id(9, 0).ToString() + unit, Id(9, 1).ToString() + unit}));
  EXPECT_EQ(schema_.Sql("SELECT sum(amount_minor) FROM receivable_day WHERE dimension = 'TOTAL'"),
            (std::vector<std::string>{"95000"}));
}

TEST_F(AnalyticsConsumerTest, RebuiltFromTheLogsOfEachSourceGivesTheSameNumbers) {
  Listen();
  const std::string live = Dump();
  EXPECT_FALSE(live.empty());
  ASSERT_TRUE(Forget(pool_).ok());
  EXPECT_NE(Dump(), live);
  redis_.Flush();
  Listen();
  EXPECT_EQ(Dump(), live);
}

TEST(ToRecorded, RefusesWhatCannotBeRead) {
  Event event;
  event.mutable_lead_captured()->mutable_lead()->set_lead_id("no id");
  EXPECT_EQ(ToRecorded(event, kUtc).status().code(), absl::StatusCode::kInvalidArgument);
  auto& contract = *event.mutable_contract_activated()->mutable_contract();
  contract.set_contract_id(Id(3, 1).ToString());
  contract.add_instalments()->set_due_date("yesterday");
  EXPECT_EQ(ToRecorded(event, kUtc).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ToRecorded, CountsAPaymentOnTheDayItHasHere) {
  Event event;
  event.mutable_occurred_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(absl::CivilHour(2026, 1, 19, 20), kUtc)));
  event.mutable_payment_received()->set_received_date("2026-01-19");  // where the customer is
  absl::TimeZone shanghai;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &shanghai));
  const auto recorded = ToRecorded(event, shanghai);
  ASSERT_TRUE(recorded.ok());
  EXPECT_EQ(std::get<PaymentSeen>(*recorded).day, absl::CivilDay(2026, 1, 20));
}

TEST(ToRecorded, CountsNothingOfWhatIsNotCounted) {
  Event event;
  event.mutable_reminder_due();
  const auto recorded = ToRecorded(event, kUtc);
  ASSERT_TRUE(recorded.ok());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*recorded));
}

}  // namespace
}  // namespace crm::analytics
