#include "services/contract_credit/events/hear.h"

#include "common/stream/relay.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "common/testing/redis.h"
#include "crm/event/v1/event.pb.h"
#include "gtest/gtest.h"
#include "services/contract_credit/app/activate_contract.h"
#include "services/contract_credit/app/set_credit_limit.h"
#include "services/contract_credit/events/due.h"

namespace crm::contract {
namespace {

// What another service has written into its outbox.
struct Told {
  static constexpr std::string_view kAggregateType = "quote";
  Uuid id;
  std::int64_t version = 0;
};

absl::StatusOr<std::vector<CustomerReference>> Everybody(const work::Caller&, const std::vector<Uuid>& ids) {
  std::vector<CustomerReference> customers;
  for (const Uuid& id : ids) customers.push_back({id, "东海", Uuid::New(), Uuid::New(), ""});
  return customers;
}

class ConsumersTest : public ::testing::Test {
 protected:
  ConsumersTest() {
    schema_.Empty();
    source_.Empty();
    source_codecs_.BindEvent<crm::event::v1::Event>([](const crm::event::v1::Event& event) {
      return outbox::EncodedEvent{event.type(), event.SerializeAsString()};
    });
    codecs_.BindReply<Contract>([](const Contract& c) { return c.id.ToString(); });
    codecs_.BindReply<CreditAccount>([](const CreditAccount&) { return std::string(); });
    Silent<ContractDrafted>();
    Silent<ContractActivated>();
    Silent<InstalmentDue>();
    Silent<CreditAccountChanged>();
    Silent<CreditReserved>();
    Silent<CreditConfirmed>();
    Hear(consumer_, work_, pool_, Everybody);
    RunDueJobs(scheduler_, work_);
    relay_.Start();
    consumer_.Start();
    scheduler_.Start();
  }
  ~ConsumersTest() override {
    consumer_.Stop();
    scheduler_.Stop();
    relay_.Stop();
  }

  template <class Event>
  void Silent() {
    codecs_.BindEvent<Event>([](const Event&) { return outbox::EncodedEvent{"Silent", ""}; });
  }
  template <class Command>
  static work::Request<Command> Ask(Command command) {
    return {{auth::ServicePrincipal("test"), absl::Now() + absl::Seconds(10), ""}, std::move(command), {}};
  }

  // The opportunity service tells that a quote was accepted.
  void Accept(const crm::event::v1::QuoteFacts& quote) {
    crm::event::v1::Event event;
    event.set_type("QuoteAccepted");
    *event.mutable_quote_accepted()->mutable_quote() = quote;
    source_work_.Run<crm::event::v1::Event>({Ask(event)},
                                            [&](work::Batch<crm::event::v1::Event>& batch, db::Transaction&) {
                                              for (auto& item : batch.items()) {
                                                Told told{Uuid::New(), 0};
                                                item.Emit(told, *item);
                                              }
                                            });
  }
  std::string One(const std::string& sql) { return schema_.Sql(sql).at(0); }

  testing::TestRedis redis_;
  testing::TestSchema source_{"guanxi_opportunity"};
  testing::TestSchema schema_{"guanxi_contract_credit", "services/contract_credit/migrations"};
  db::Pool source_pool_{{.url = source_.url(), .application = "test", .size = 2}};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 4}};
  work::Codecs source_codecs_, codecs_;
  stream::Relay relay_{{.source = "opportunity", .redis_url = redis_.url()}, source_pool_};
  schedule::Scheduler scheduler_{{.name = "contract_credit", .redis_url = redis_.url()}, pool_};
  work::UnitOfWork source_work_{source_pool_, "opportunity", source_codecs_, {[this] { relay_.Wake(); }, {}}};
  work::UnitOfWork work_{pool_, "contract_credit", codecs_, {{}, [this] { scheduler_.Wake(); }}};
  stream::Consumer consumer_{{.name = "contract_credit",
                              .redis_url = redis_.url(),
                              .sources = {{.name = "opportunity", .read_events = {}}}},
                             work_,
                             pool_};
};

TEST_F(ConsumersTest, FromAcceptedQuoteToAnnouncedInstalment) {
  crm::event::v1::QuoteFacts quote;
  const Uuid quote_id = Uuid::New(), customer = Uuid::New();
  quote.set_quote_id(quote_id.ToString());
  quote.set_customer_id(customer.ToString());
  quote.set_owner_id(Uuid::New().ToString());
  quote.mutable_total()->set_currency_code("CNY");
  quote.mutable_total()->set_minor_units(10'000);
  for (const int basis_points : {3334, 6666}) {
    auto& term = *quote.add_payment_terms();
    term.set_basis_points(basis_points);
    term.set_due_days(basis_points == 3334 ? 0 : 30);
  }
  Accept(quote);
  Accept(quote);  // told twice, as two events
  ASSERT_TRUE(testing::Eventually([&] { return One("SELECT count(*) FROM inbox") == "2"; }));
  EXPECT_EQ(One("SELECT count(*) FROM contract"), "1");
  EXPECT_EQ(One("SELECT string_agg(amount_minor::text, ' ' ORDER BY number) FROM instalment"), "3334 6666");

  EXPECT_THAT(
      SetCreditLimits(work_, pool_, Everybody, {Ask(SetCreditLimit{customer, {"CNY", 10'000}, {}, {}})})[0],
      testing::IsOk());
  EXPECT_THAT(ActivateContracts(work_, {Ask(ActivateContract{ContractId(quote_id), {}})})[0],
              testing::IsOk());
  // The first instalment is due at once: its job says so, and what is due is receivable.
  ASSERT_TRUE(testing::Eventually([&] { return One("SELECT count(*) FROM job") == "3"; }));
  EXPECT_EQ(One("SELECT receivable_minor || ' ' || uninvoiced_minor FROM credit_account"), "3334 6666");
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE state = 'PENDING'"), "3");
}

TEST_F(ConsumersTest, AQuoteThatIsNoneBecomesADeadLetter) {
  crm::event::v1::QuoteFacts quote;
  quote.set_quote_id("none");
  Accept(quote);
  ASSERT_TRUE(testing::Eventually([&] { return One("SELECT count(*) FROM dead_letter") == "1"; }));
  EXPECT_EQ(One("SELECT count(*) FROM contract"), "0");
}

}  // namespace
}  // namespace crm::contract
