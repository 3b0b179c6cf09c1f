#include "services/opportunity/rpc/use_case_fixture.h"

#include <memory>

#include "services/opportunity/rpc/codecs.h"

namespace crm::opportunity {

Fixture::Fixture() {
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

work::Codecs& Fixture::Codecs() {
  static work::Codecs codecs;
  return codecs;
}

void Fixture::PublishProcess() {
  Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(StandardProcess())}})[0]);
}

CreateOpportunity Fixture::Deal(const std::string& name) const {
  CreateOpportunity command;
  command.customer_id = Uuid::New();
  command.details.name = name;
  command.details.need = "a pump";
  command.details.amount = Money{"CNY", 100'00};
  command.details.expected_close = absl::CivilDay(2030, 1, 1);
  command.details.contact_roles = {{Uuid::New(), "DECISION_MAKER"}};
  return command;
}

std::vector<Uuid> Fixture::Deals(std::size_t count) {
  std::vector<work::Request<CreateOpportunity>> requests;
  for (std::size_t i = 0; i < count; ++i) requests.push_back(Ask(Deal()));
  std::vector<Uuid> ids;
  for (const auto& outcome : CreateOpportunities(work_, peers_, requests))
    ids.push_back(IdOf(Reply<v1::Opportunity>(outcome).id()));
  return ids;
}

Uuid Fixture::ProductAt(std::int64_t price, const std::string& code, const std::string& name) {
  CreateProduct command;
  command.product.code = code;
  command.product.name = name;
  command.product.list_price = Money{"CNY", price};
  return IdOf(Reply<v1::Product>(CreateProducts(work_, {{Ask(command)}})[0]).id());
}

CreateQuote Fixture::Offer(const Uuid& opportunity_id, const Uuid& product_id) {
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

ScheduleActivity Fixture::Visit(const Uuid& opportunity_id) {
  ScheduleActivity command;
  command.plan.kind = Activity::Kind::kVisit;
  command.plan.subject_id = opportunity_id;
  command.plan.title = "Visit";
  command.plan.local_time = "2026-03-02T09:30:00";
  command.plan.time_zone = "Asia/Shanghai";
  command.plan.start_time = *InstantOf(command.plan.local_time, command.plan.time_zone);
  return command;
}

std::string Fixture::One(const std::string& sql) {
  const auto rows = schema_.Sql(sql);
  return rows.empty() ? "" : rows[0];
}

std::string Fixture::EventsOf(const Uuid& id) {
  return One("SELECT string_agg(type, ' ' ORDER BY aggregate_seq) FROM outbox WHERE aggregate_id = '" +
             id.ToString() + "'");
}

crm::event::v1::Event Fixture::LastEvent(const std::string& type) {
  crm::event::v1::Event event;
  const auto status = db::RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
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

}  // namespace crm::opportunity
