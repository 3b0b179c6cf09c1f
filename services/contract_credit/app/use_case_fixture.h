#pragma once
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"
#include "services/contract_credit/app/activate_contract.h"
#include "services/contract_credit/app/draft_contract.h"
#include "services/contract_credit/app/read_contracts.h"
#include "services/contract_credit/app/read_credit.h"
#include "services/contract_credit/app/record_payment.h"
#include "services/contract_credit/app/set_credit_limit.h"
#include "services/contract_credit/app/update_payment_schedule.h"

namespace crm::contract {

// The use cases over a real database. Replies are ids, events are their types.
class UseCaseTest : public ::testing::Test {
 protected:
  UseCaseTest();

  template <class Command>
  work::Request<Command> Ask(Command command, work::Once once = {}) const {
    return {{caller_, absl::Now() + absl::Seconds(30), ""}, std::move(command), std::move(once)};
  }
  static work::RequestKey Key(const std::string& id) { return {Sha256(id), Sha256("")}; }

  // Drafts one contract per total for `customer`, by what an accepted quote tells.
  std::vector<Uuid> Drafts(const Uuid& customer, const std::vector<std::int64_t>& totals);
  // Customers are who the customer service says: here everybody but those of `strangers_`.
  std::vector<work::Outcome> SetLimits(const std::vector<work::Request<SetCreditLimit>>& requests);
  void GiveCredit(const Uuid& customer, std::int64_t limit);
  std::vector<work::Outcome> Activate(const std::vector<Uuid>& ids);
  // A contract in force whose customer has credit, with one instalment over the whole.
  Uuid ActiveContract(std::int64_t total);
  static RecordPayment Pay(const Uuid& contract, std::int64_t minor);

  Contract Read(const Uuid& id);
  CreditAccount Account(const Uuid& customer);
  std::string One(const std::string& sql) { return schema_.Sql(sql).at(0); }
  // Types of an aggregate's events in the order of their aggregate_seq, which must be gapless.
  std::string EventsOf(const Uuid& aggregate);
  // Round trips of `run`.
  template <class Run>
  std::int64_t Trips(Run run) {
    const std::int64_t before = pool_.round_trips();
    run();
    return pool_.round_trips() - before;
  }

  // What must be true of all rows, whatever has happened.
  void ExpectBooksInOrder();

  testing::TestSchema schema_{"guanxi_contract_credit", "services/contract_credit/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 8}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "contract_credit", codecs_, {}};
  std::set<Uuid> strangers_;
  auth::PrincipalRef caller_ = auth::ServicePrincipal("test");
};

}  // namespace crm::contract
