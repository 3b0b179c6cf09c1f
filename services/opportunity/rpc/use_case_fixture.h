#pragma once
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "common/work/unit_of_work.h"
#include "crm/event/v1/event.pb.h"
#include "services/opportunity/app/create_opportunity.h"
#include "services/opportunity/app/create_product.h"
#include "services/opportunity/app/create_sales_process.h"
#include "services/opportunity/rpc/codecs.h"
#include "services/opportunity/rpc/messages.h"

namespace crm::opportunity {

// The use cases over a real database, with the codecs of the service. Every customer, lead,
// contract, employee and unit exists but the one called kNobody.
class Fixture : public ::testing::Test {
 protected:
  inline static const Uuid kNobody = Uuid(0xdead, 0xdead);

  Fixture() {
    schema_.Empty();
    static const bool bound = (BindCodecs(Codecs()), true);
    (void)bound;
    const Peers::Ask everybody = [](const work::Caller&, const std::vector<Uuid>& ids) {
      Peers::Names names;
      for (const Uuid& id : ids)
        if (id != kNobody) names[id] = "华东机械";
      return names;
    };
    peers_.customers = peers_.leads = peers_.contracts = peers_.employees = peers_.org_units = everybody;
    auto person = std::make_shared<auth::Principal>();
    person->id = Uuid::New();
    person->org_unit_id = Uuid::New();
    person->permissions = {"*"};
    caller_ = person;
  }

  static work::Codecs& Codecs() {
    static work::Codecs codecs;
    return codecs;
  }

  template <class Command>
  work::Request<Command> Ask(Command command, const std::string& key = "") const {
    work::Once once;
    if (!key.empty()) once = work::RequestKey{Sha256(key), Sha256("body")};
    return {{caller_, absl::Now() + absl::Seconds(30), ""}, std::move(command), std::move(once)};
  }

  // The message that a write replied with.
  template <class Message>
  static Message Reply(const work::Outcome& outcome) {
    Message message;
    EXPECT_THAT(outcome, testing::IsOk());
    if (outcome.ok()) {
      EXPECT_TRUE(message.ParseFromString(*outcome));
    }
    return message;
  }
  static Uuid IdOf(const std::string& id) { return Uuid::Parse(id).value_or(Uuid()); }

  void PublishProcess() {
    Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(StandardProcess())}})[0]);
  }

  // An opportunity that meets every gate of the standard process.
  CreateOpportunity Deal(const std::string& name = "Line 4") const {
    CreateOpportunity command;
    command.customer_id = Uuid::New();
    command.details.name = name;
    command.details.need = "a pump";
    command.details.amount = Money{"CNY", 100'00};
    command.details.expected_close = absl::CivilDay(2030, 1, 1);
    command.details.contact_roles = {{Uuid::New(), "DECISION_MAKER"}};
    return command;
  }
  std::vector<Uuid> Deals(std::size_t count) {
    std::vector<work::Request<CreateOpportunity>> requests;
    for (std::size_t i = 0; i < count; ++i) requests.push_back(Ask(Deal()));
    std::vector<Uuid> ids;
    for (const auto& outcome : CreateOpportunities(work_, peers_, requests))
      ids.push_back(IdOf(Reply<v1::Opportunity>(outcome).id()));
    return ids;
  }
  Uuid ProductAt(std::int64_t price, const std::string& code = "P-1", const std::string& name = "Pump") {
    CreateProduct command;
    command.product.code = code;
    command.product.name = name;
    command.product.list_price = Money{"CNY", price};
    return IdOf(Reply<v1::Product>(CreateProducts(work_, {{Ask(command)}})[0]).id());
  }

  // Two of a product, at its list price.
  static CreateQuote Offer(const Uuid& opportunity_id, const Uuid& product_id) {
    CreateQuote command;
    command.opportunity_id = opportunity_id;
    command.currency = "CNY";
    command.lines.resize(1);
    command.lines[0].product_id = product_id;
    command.lines[0].quantity = 2;
    command.lines[0].unit_price = -1;
    command.valid_until = absl::CivilDay(2030, 1, 1);
    return command;
  }
  static ScheduleActivity Visit(const Uuid& opportunity_id) {
    ScheduleActivity command;
    command.plan.kind = Activity::Kind::kVisit;
    command.plan.subject_id = opportunity_id;
    command.plan.title = "Visit";
    command.plan.local_time = "2026-03-02T09:30:00";
    command.plan.time_zone = "Asia/Shanghai";
    command.plan.start_time = *InstantOf(command.plan.local_time, command.plan.time_zone);
    return command;
  }

  std::string One(const std::string& sql) {
    const auto rows = schema_.Sql(sql);
    return rows.empty() ? "" : rows[0];
  }
  // What happened to an aggregate, in order: "OpportunityCreated OpportunityWon".
  std::string EventsOf(const Uuid& id) {
    return One("SELECT string_agg(type, ' ' ORDER BY aggregate_seq) FROM outbox WHERE aggregate_id = '" +
               id.ToString() + "'");
  }
  // The last event of a type.
  crm::event::v1::Event LastEvent(const std::string& type) {
    crm::event::v1::Event event;
    const auto status = db::RunReads(pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
      for (db::Row row : tx.Query({"test_last_event",
                                   "SELECT event FROM outbox WHERE type = $1 "
                                   "ORDER BY recorded_time DESC, id DESC LIMIT 1"},
                                  {type}))
        event.ParseFromString(row.Next<db::Bytes>().value);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return event;
  }

  testing::TestSchema schema_{"guanxi_opportunity", "services/opportunity/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 2}};
  work::UnitOfWork work_{pool_, "opportunity", Codecs(), {}};
  Peers peers_;
  auth::PrincipalRef caller_;
};

}  // namespace crm::opportunity
