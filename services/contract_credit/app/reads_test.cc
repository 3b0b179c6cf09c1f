#include "common/testing/scopes.h"
#include "services/contract_credit/app/note_customer.h"
#include "services/contract_credit/app/use_case_fixture.h"

namespace crm::contract {
namespace {

using testing::IsOk;

// A read that meets a connection which died with the server is asked again, and finds what is there.
class ReadsTest : public UseCaseTest {
 protected:
  void BreakConnections() {
    One("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }
};

TEST_F(ReadsTest, ContractsAreFoundOverABrokenConnection) {
  const Uuid id = Drafts(Uuid::New(), {100})[0];
  BreakConnections();
  const std::int64_t trips =
      Trips([&] { EXPECT_THAT(GetContracts(pool_, {Ask(GetContract{id})})[0], IsOk()); });
  EXPECT_EQ(trips, 3) << "two statements, the first of them once in vain";
}

TEST_F(ReadsTest, CreditIsFoundOverABrokenConnection) {
  const Uuid customer = Uuid::New();
  GiveCredit(customer, 100);
  BreakConnections();
  EXPECT_EQ(Account(customer).limit_minor, 100);
  BreakConnections();
  const auto answer = AskForCredit(pool_, {Ask(AskCredit{customer, {"CNY", 100}})})[0];
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->decision.approved());
}

TEST_F(ReadsTest, CustomersAreKnownOverABrokenConnection) {
  const Uuid customer = Uuid::New();
  strangers_.insert(customer);  // known by its event alone
  EXPECT_THAT(
      NoteCustomers(work_, {Ask(CustomerReference{customer, "东海", Uuid::New(), Uuid::New(), ""})})[0],
      IsOk());
  BreakConnections();
  EXPECT_THAT(SetLimits({Ask(SetCreditLimit{customer, {"CNY", 100}, {}, {}})})[0], IsOk());
}

TEST_F(ReadsTest, AListOfContractsKeepsToTheScope) {
  Drafts(Uuid::New(), {100, 200, 300});
  testing::DealOut(schema_, "contract");
  testing::ExpectListKeepsToScope(
      pool_,
      [](db::Transaction& tx, const auth::Scope& scope) {
        return ContractStore(tx).List(scope, {}, {}, tx.now(), 10);
      },
      [](db::Transaction& tx, const std::vector<Uuid>& ids) { return ContractStore(tx).Load(ids); });
}

}  // namespace
}  // namespace crm::contract
