#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "services/customer/app/convert_lead.h"
#include "services/customer/app/create_customer.h"

namespace crm::customer {

// The customer service's tables on a real database; replies and events in short words.
class CustomerFixture : public ::testing::Test {
 protected:
  CustomerFixture();

  template <class Command>
  work::Request<Command> Ask(Command command, work::Once once = {}) const {
    return {{caller_, absl::InfiniteFuture(), ""}, std::move(command), std::move(once)};
  }
  static work::RequestKey Key(const std::string& id, const std::string& body = "");

  // The id in a short reply ("id@version").
  static Uuid IdOf(const work::Outcome& outcome);

  static CreateCustomer Called(const std::string& name, const std::string& external_id = "");
  Uuid Create(const std::string& name);

  // Statements that `run` sends, BEGIN and COMMIT included.
  template <class Run>
  std::int64_t RoundTripsOf(Run run) {
    const std::int64_t before = pool_.round_trips();
    run();
    return pool_.round_trips() - before;
  }

  // A lead of somebody who has it as one of his open ones.
  Uuid OwnedLead(const Uuid& owner_id, const std::string& company, const std::string& contact = "");

  std::vector<std::string> Sql(const std::string& sql) { return schema_.Sql(sql); }
  std::string One(const std::string& sql) { return Sql(sql).at(0); }

  testing::TestSchema schema_{"guanxi_customer", "services/customer/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 8}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "customer", codecs_, {}};
  const Uuid unit_id_ = Uuid::New();
  const auth::PrincipalRef caller_;
};

}  // namespace crm::customer
