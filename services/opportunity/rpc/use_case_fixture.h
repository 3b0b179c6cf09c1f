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
#include "services/opportunity/rpc/messages.h"

namespace crm::opportunity {

// The use cases over a real database, with the codecs of the service. Every customer, lead,
// contract, employee and unit exists but the one called kNobody.
class Fixture : public ::testing::Test {
 protected:
  inline static const Uuid kNobody = Uuid(0xdead, 0xdead);

  Fixture();

  static work::Codecs& Codecs();

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

  void PublishProcess();

  // An opportunity that meets every gate of the standard process.
  CreateOpportunity Deal(const std::string& name = "Line 4") const;
  std::vector<Uuid> Deals(std::size_t count);
  Uuid ProductAt(std::int64_t price, const std::string& code = "P-1", const std::string& name = "Pump");

  // Two of a product, at its list price.
  static CreateQuote Offer(const Uuid& opportunity_id, const Uuid& product_id);
  static ScheduleActivity Visit(const Uuid& opportunity_id);

  std::string One(const std::string& sql);
  // What happened to an aggregate, in order: "OpportunityCreated OpportunityWon".
  std::string EventsOf(const Uuid& id);
  // The last event of a type.
  crm::event::v1::Event LastEvent(const std::string& type);

  testing::TestSchema schema_{"guanxi_opportunity", "services/opportunity/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 2}};
  work::UnitOfWork work_{pool_, "opportunity", Codecs(), {}};
  Peers peers_;
  auth::PrincipalRef caller_;
};

}  // namespace crm::opportunity
