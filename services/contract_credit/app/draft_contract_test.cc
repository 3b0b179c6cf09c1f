#include "services/contract_credit/app/draft_contract.h"

#include <gmock/gmock.h>

#include "common/status/errors.h"
#include "common/testing/captured_log.h"
#include "services/contract_credit/app/note_customer.h"
#include "services/contract_credit/app/use_case_fixture.h"

namespace crm::contract {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOk;

// Quotes whose customers' events may come later.
class DraftContractTest : public UseCaseTest {
 protected:
  work::Request<DraftContract> Accepted(const Uuid& customer) {
    DraftContract draft;
    draft.quote.id = Uuid::New();
    draft.quote.customer_id = customer;
    draft.quote.total = {"CNY", 100};
    return Ask(std::move(draft));
  }
  std::vector<work::Outcome> Draft(const std::vector<work::Request<DraftContract>>& requests) {
    return DraftContracts(work_, pool_, ask_, requests);
  }
  std::string ZoneOf(const work::Request<DraftContract>& draft) {
    return Read(ContractId(draft.command.quote.id)).time_zone;
  }

  std::map<Uuid, std::string> zones_;  // what the customer service would answer
  std::vector<Uuid> asked_;
  AskCustomers ask_ = [this](const work::Caller&, const std::vector<Uuid>& ids) {
    asked_.insert(asked_.end(), ids.begin(), ids.end());
    std::vector<CustomerReference> customers;
    for (const Uuid& id : ids)
      if (const auto found = zones_.find(id); found != zones_.end())
        customers.push_back({id, "东海", Uuid::New(), Uuid::New(), found->second});
    return customers;
  };
};

TEST_F(DraftContractTest, AsksForCustomersNotHeardOfYet) {
  const Uuid known = Uuid::New(), late = Uuid::New(), stranger = Uuid::New();
  EXPECT_THAT(
      NoteCustomers(work_,
                    {Ask(CustomerReference{known, "东海", Uuid::New(), Uuid::New(), "Asia/Shanghai"})})[0],
      IsOk());
  zones_ = {{late, "Europe/Berlin"}};
  const std::vector drafts = {Accepted(known), Accepted(late), Accepted(late), Accepted(stranger),
                              Accepted(Uuid())};
  EXPECT_THAT(Draft(drafts), ::testing::Each(IsOk()));
  EXPECT_EQ(ZoneOf(drafts[0]), "Asia/Shanghai");
  EXPECT_EQ(ZoneOf(drafts[1]), "Europe/Berlin");
  EXPECT_EQ(ZoneOf(drafts[2]), "Europe/Berlin");
  EXPECT_EQ(ZoneOf(drafts[3]), "UTC") << "there is no such customer";
  EXPECT_EQ(ZoneOf(drafts[4]), "UTC") << "none is named";
  EXPECT_THAT(asked_, ::testing::UnorderedElementsAre(late, stranger));
}

TEST_F(DraftContractTest, WaitsUntilTheCustomerServiceCanBeAsked) {
  const Uuid known = Uuid::New(), late = Uuid::New();
  EXPECT_THAT(NoteCustomers(work_, {Ask(CustomerReference{known, "东海", Uuid::New(), Uuid::New(), ""})})[0],
              IsOk());
  ask_ = [](const work::Caller&, const std::vector<Uuid>&) {
    return errors::Unavailable("PEER_UNAVAILABLE", "the customer service cannot be asked now");
  };
  EXPECT_THAT(Draft({Accepted(late), Accepted(known)}), ElementsAre(HasReason("PEER_UNAVAILABLE"), IsOk()));
  EXPECT_EQ(One("SELECT count(*) FROM contract"), "1");
}

TEST_F(DraftContractTest, TakesNoFileOfThisMachineForAZone) {
  const Uuid customer = Uuid::New();
  zones_ = {{customer, "/etc/localtime"}};
  const std::vector drafts = {Accepted(customer)};
  EXPECT_THAT(Draft(drafts)[0], IsOk());
  EXPECT_EQ(ZoneOf(drafts[0]), "UTC");
}

TEST_F(DraftContractTest, SaysWhenTheTermsOfAQuoteCannotBeKept) {
  work::Request<DraftContract> draft = Accepted(Uuid());
  draft.command.quote.terms = {
      {Share{Share::kWhole}, {.days_after_activation = kMaxDaysAfterActivation + 1}}};
  const testing::CapturedLog log;
  EXPECT_THAT(Draft({draft})[0], IsOk());
  EXPECT_EQ(Read(ContractId(draft.command.quote.id)).instalments[0].due.days_after_activation, 30);
  EXPECT_THAT(log.text(), ::testing::HasSubstr(draft.command.quote.id.ToString()));
}

}  // namespace
}  // namespace crm::contract
