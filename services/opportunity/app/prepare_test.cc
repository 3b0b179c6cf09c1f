#include "services/opportunity/app/prepare.h"

#include <gtest/gtest.h>

#include "services/opportunity/domain/opportunity.h"

namespace crm::opportunity {
namespace {

work::Request<CreateOpportunity> Request(const auth::PrincipalRef& principal, absl::Time deadline) {
  CreateOpportunity command;
  command.customer_id = Uuid::New();
  return {{principal, deadline, ""}, std::move(command), {}};
}

TEST(PrepareTest, AHastyCallerDoesNotCutItsNeighboursShort) {
  const auth::PrincipalRef somebody = auth::ServicePrincipal("somebody");
  const absl::Time now = absl::Now();
  const std::vector requests = {Request(somebody, now + absl::Milliseconds(1)),
                                Request(somebody, now + absl::Seconds(5)),
                                Request(somebody, now + absl::Seconds(2))};
  std::vector<absl::Time> asked;
  const Peers::Ask ask = [&](const work::Caller& caller, const std::vector<Uuid>& ids) {
    asked.push_back(caller.deadline);
    Peers::Names names;
    for (const Uuid& id : ids) names[id] = "Acme";
    return names;
  };
  std::vector<std::string> taken;
  Prepare<CreateOpportunity> prepare(requests);
  prepare.Name(
      ask, "customer", "customer_id", [](const CreateOpportunity& c) { return c.customer_id; },
      [&](CreateOpportunity&, const std::string& name) { taken.push_back(name); });
  EXPECT_EQ(asked, std::vector{now + absl::Seconds(5)});
  EXPECT_EQ(taken.size(), 3u);
}

}  // namespace
}  // namespace crm::opportunity
