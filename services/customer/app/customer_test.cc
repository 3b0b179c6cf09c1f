#include <set>

#include "common/status/errors.h"
#include "common/testing/concurrent.h"
#include "services/customer/app/change_lifecycle.h"
#include "services/customer/app/contacts.h"
#include "services/customer/app/customer_fixture.h"
#include "services/customer/app/get_customer.h"
#include "services/customer/app/log_interaction.h"
#include "services/customer/app/timeline.h"
#include "services/customer/app/update_customer.h"
#include "services/customer/app/upsert_customer.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using testing::HasReason;
using testing::HasViolation;
using ::testing::IsEmpty;
using testing::IsOk;

class CustomerTest : public CustomerFixture {
 protected:
  UpdateCustomer Rename(const Uuid& id, const std::string& name, std::optional<std::int64_t> etag = {}) {
    UpdateCustomer command;
    command.id = id;
    command.etag = etag;
    command.patch.name = name;
    return command;
  }
  LogInteraction Call(const Uuid& customer_id, const std::string& subject) {
    LogInteraction command;
    command.interaction.subject_id = customer_id;
    command.interaction.subject = subject;
    return command;
  }
  Customer Read(const Uuid& id) { return *GetCustomers(pool_, {Ask(GetCustomer{id})})[0]; }
};

TEST_F(CustomerTest, WhatIsCreatedIsReadBack) {
  CreateCustomer command = Called("深圳华为技术有限公司", "crm-7");
  CustomerProfile& profile = command.profile;
  profile.other_names = {"华为", "Huawei"};
  profile.identifiers = {{"tax_id", "914403001922038216"}, {"domain", "huawei.com"}};
  profile.industry = "通信";
  profile.grade = Grade::kA;
  profile.tags = {"key account", "5G"};
  profile.time_zone = "Asia/Shanghai";
  profile.attributes = {{"floor", ""}, {"note", "a\nb"}};
  const Uuid id = IdOf(CreateCustomers(work_, {Ask(command)})[0]);

  const Customer read = Read(id);
  EXPECT_EQ(read.version, 1);
  EXPECT_EQ(read.owner_id, caller_->id);
  EXPECT_EQ(read.org_unit_id, unit_id_);
  EXPECT_EQ(read.lifecycle, Lifecycle::kUnidentified);
  EXPECT_EQ(read.profile.name, "深圳华为技术有限公司");
  EXPECT_THAT(read.profile.other_names, ElementsAre("华为", "Huawei"));
  EXPECT_EQ(read.profile.identifiers, profile.identifiers);
  EXPECT_EQ(read.profile.attributes, profile.attributes);
  EXPECT_THAT(read.profile.tags, ElementsAre("key account", "5G"));
  EXPECT_EQ(read.profile.grade, Grade::kA);
  EXPECT_EQ(One("SELECT type || '/' || aggregate_seq FROM outbox"), "CustomerCreated/1");
  EXPECT_EQ(One("SELECT to_lifecycle || '/' || cause FROM customer_lifecycle_move"),
            "UNIDENTIFIED/CustomerCreated");
}

TEST_F(CustomerTest, OneBadItemLeavesItsNeighboursCommitted) {
  std::vector<work::Request<CreateCustomer>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Ask(Called("客户 " + std::to_string(i))));
  requests[17].command.profile.parent_id = Uuid::New();
  const auto outcomes = CreateCustomers(work_, requests);
  for (int i = 0; i < 64; ++i) {
    if (i == 17)
      EXPECT_THAT(outcomes[i], HasReason("CUSTOMER_NOT_FOUND"));
    else
      EXPECT_THAT(outcomes[i], IsOk());
  }
  EXPECT_EQ(One("SELECT count(*) FROM customer"), "63");
  EXPECT_EQ(One("SELECT count(*) FROM outbox"), "63");
}

TEST_F(CustomerTest, ATakenNameIsRefusedWhereverItIsTaken) {
  CreateCustomer first = Called("A", "x-1");
  first.profile.identifiers = {{"domain", "Acme.com"}};
  ASSERT_THAT(CreateCustomers(work_, {Ask(first)})[0], IsOk());

  CreateCustomer same_domain = Called("B");
  same_domain.profile.identifiers = {{"domain", "acme.COM"}};
  const auto outcomes = CreateCustomers(
      work_, {Ask(Called("C", "x-1")), Ask(same_domain), Ask(Called("D", "x-2")), Ask(Called("E", "x-2"))});
  EXPECT_THAT(outcomes[0], HasReason("CUSTOMER_ALREADY_EXISTS"));
  EXPECT_THAT(outcomes[1], HasReason("CUSTOMER_ALREADY_EXISTS"));
  EXPECT_THAT(outcomes[2], IsOk());
  EXPECT_THAT(outcomes[3], HasReason("CUSTOMER_ALREADY_EXISTS")) << "within one batch too";
  EXPECT_EQ(One("SELECT string_agg(name, ',' ORDER BY name) FROM customer"), "A,D");
}

TEST_F(CustomerTest, OfManyAtOnceOneGetsTheExternalId) {
  std::atomic<int> created{0};
  testing::RunConcurrently(8, [&](int i) {
    const auto outcome = CreateCustomers(work_, {Ask(Called("同名 " + std::to_string(i), "race"))})[0];
    created += outcome.ok() ? 1 : 0;
    EXPECT_TRUE(outcome.ok() || errors::Reason(outcome.status()) == "CUSTOMER_ALREADY_EXISTS")
        << outcome.status();
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(One("SELECT count(*) FROM customer"), "1");
}

TEST_F(CustomerTest, TheSameRequestIdWithAnotherBodyIsRefused) {
  ASSERT_THAT(CreateCustomers(work_, {Ask(Called("华为"), Key("r1", "华为"))})[0], IsOk());
  EXPECT_THAT(CreateCustomers(work_, {Ask(Called("中兴"), Key("r1", "中兴"))})[0],
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(One("SELECT count(*) FROM customer"), "1");
}

TEST_F(CustomerTest, TwoCommandsOnOneRowOfABatchBothCount) {
  const Uuid id = Create("华为");
  UpdateCustomer regrade;
  regrade.id = id;
  regrade.patch.grade = Grade::kB;
  const auto outcomes = UpdateCustomers(work_, {Ask(Rename(id, "华为技术")), Ask(regrade)});
  EXPECT_EQ(*outcomes[0], id.ToString() + "@2");
  EXPECT_EQ(*outcomes[1], id.ToString() + "@3");
  EXPECT_EQ(Read(id).profile.name, "华为技术");
  EXPECT_EQ(Read(id).profile.grade, Grade::kB);
  EXPECT_EQ(One("SELECT string_agg(aggregate_seq::text, ',' ORDER BY aggregate_seq) FROM outbox"), "1,2,3");
}

TEST_F(CustomerTest, ManyWritersOfOneRowAllCount) {
  const Uuid id = Create("华为");
  testing::RunConcurrently(6, [&](int i) {
    UpdateCustomer command;
    command.id = id;
    command.patch.attributes.emplace()["writer"] = std::to_string(i);
    EXPECT_THAT(UpdateCustomers(work_, {Ask(command)})[0], IsOk());
  });
  EXPECT_EQ(Read(id).version, 7);
}

TEST_F(CustomerTest, AStaleEtagIsAborted) {
  const Uuid id = Create("华为");
  const auto outcomes = UpdateCustomers(work_, {Ask(Rename(id, "甲", 1)), Ask(Rename(id, "乙", 1))});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(outcomes[1], HasReason("STALE_ETAG"));
  EXPECT_EQ(Read(id).profile.name, "甲");
}

TEST_F(CustomerTest, WhatChangesNothingIsNoEvent) {
  const Uuid id = Create("华为");
  EXPECT_EQ(*UpdateCustomers(work_, {Ask(Rename(id, "华为"))})[0], id.ToString() + "@1");
  EXPECT_EQ(One("SELECT count(*) FROM outbox"), "1");
}

TEST_F(CustomerTest, NobodyBecomesPartOfItself) {
  const Uuid group = Create("集团"), branch = Create("分公司");
  UpdateCustomer join, loop;
  join.id = branch;
  join.patch.parent_id = group;
  loop.id = group;
  loop.patch.parent_id = branch;
  const auto outcomes = UpdateCustomers(work_, {Ask(join), Ask(loop)});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], HasReason("PARENT_LOOP")) << "decided on what the batch has already changed";
  EXPECT_THAT(UpdateCustomers(work_, {Ask(loop)})[0], HasReason("PARENT_LOOP")) << "and on what is stored";
}

TEST_F(CustomerTest, AnIdentifierGivenUpIsFreeAgain) {
  CreateCustomer first = Called("A");
  first.profile.identifiers = {{"domain", "acme.com"}};
  const Uuid id = IdOf(CreateCustomers(work_, {Ask(first)})[0]);
  UpdateCustomer change;
  change.id = id;
  change.patch.identifiers.emplace()["domain"] = "acme.cn";
  ASSERT_THAT(UpdateCustomers(work_, {Ask(change)})[0], IsOk());
  EXPECT_THAT(CreateCustomers(work_, {Ask(first)})[0], IsOk());
  EXPECT_EQ(One("SELECT string_agg(value, ',' ORDER BY value) FROM customer_identifier"), "acme.cn,acme.com");
}

TEST_F(CustomerTest, AnUpsertCreatesThenUpdates) {
  CreateCustomer one = Called("Acme", "x-1"), again = Called("Acme Corporation", "x-1");
  again.profile.region = "US";
  const auto outcomes = UpsertCustomers(work_, {Ask(UpsertCustomer{one}), Ask(UpsertCustomer{again})});
  const Uuid id = IdOf(outcomes[0]);
  EXPECT_EQ(*outcomes[1], id.ToString() + "@2");
  CreateCustomer third = Called("Acme Corporation", "x-1");
  third.profile.identifiers = {{"domain", "acme.com"}};
  EXPECT_EQ(*UpsertCustomers(work_, {Ask(UpsertCustomer{third})})[0], id.ToString() + "@3");
  EXPECT_EQ(Read(id).profile.name, "Acme Corporation");
  EXPECT_EQ(Read(id).profile.region, "US") << "what is not given stays";
  EXPECT_EQ(One("SELECT string_agg(kind, ',' ORDER BY kind) FROM customer_identifier"), "domain,external_id");
}

TEST_F(CustomerTest, AContractMovesTheCustomerOnce) {
  const Uuid id = Create("华为"), contract = Uuid::New();
  const work::EventKey event{"contract_credit", Uuid::New(), contract, 1};
  const RecordCustomerFact fact{id, LifecycleCause::kContractActivated, contract};
  EXPECT_THAT(RecordCustomerFacts(work_, {Ask(fact, event)})[0], IsOk());
  EXPECT_THAT(RecordCustomerFacts(work_, {Ask(fact, event)})[0], IsOk()) << "delivered twice";
  EXPECT_THAT(RecordCustomerFacts(work_, {Ask(RecordCustomerFact{Uuid::New(), fact.fact, contract})})[0],
              IsOk());
  EXPECT_EQ(Read(id).lifecycle, Lifecycle::kOrdering);
  EXPECT_EQ(
      One("SELECT count(*) FROM customer_lifecycle_move WHERE cause = 'ContractActivated' AND cause_id = '" +
          contract.ToString() + "'"),
      "1");
}

TEST_F(CustomerTest, AManagerMayOverrideWithAReason) {
  const Uuid id = Create("华为");
  EXPECT_THAT(OverrideLifecycles(work_, {Ask(OverrideLifecycle{id, 1, Lifecycle::kDormant, "停业"})})[0],
              IsOk());
  EXPECT_THAT(OverrideLifecycles(work_, {Ask(OverrideLifecycle{id, {}, Lifecycle::kDormant, "停业"})})[0],
              HasReason("ILLEGAL_STATE_MOVE"));
  EXPECT_THAT(OverrideLifecycles(work_, {Ask(OverrideLifecycle{id, {}, Lifecycle::kUser, "复业"})})[0],
              IsOk());
  EXPECT_THAT(Sql("SELECT to_lifecycle || won_back FROM customer_lifecycle_move ORDER BY id"),
              ElementsAre("UNIDENTIFIEDfalse", "DORMANTfalse", "USERtrue"));
}

TEST_F(CustomerTest, TheTimelineIsPagedFromTheLatest) {
  const Uuid id = Create("华为");
  std::vector<std::string> subjects;
  for (int i = 0; i < 5; ++i) {
    LogInteraction call = Call(id, "call " + std::to_string(i));
    call.occurred_time = absl::Now() - absl::Hours(i);
    ASSERT_THAT(LogInteractions(work_, {Ask(call)})[0], IsOk());
  }
  ListTimeline query{id, {}, 2};
  for (;;) {
    const auto page = *TimelineOf(pool_, Ask(query));
    if (page.empty()) break;
    for (const TimelineEntry& entry : page) {
      const auto* interaction = std::get_if<Interaction>(&entry);
      subjects.push_back(interaction ? interaction->subject : "moved");
    }
    query.after = PositionOf(page.back());
  }
  EXPECT_THAT(subjects, ElementsAre("call 0", "moved", "call 1", "call 2", "call 3", "call 4"));
}

TEST_F(CustomerTest, WhoSpokeToADecisionMakerHasMetOne) {
  const Uuid id = Create("华为");
  CreateContact boss{id, {}};
  boss.profile.name = "任总";
  boss.profile.roles = {PurchaseRole::kDecisionMaker};
  const Uuid contact_id = IdOf(CreateContacts(work_, {Ask(boss)})[0]);
  LogInteraction met = Call(id, "拜访"), alone = Call(id, "电话"), stranger = Call(id, "?"),
                 future = Call(id, "明天");
  met.interaction.contact_ids = {contact_id};
  stranger.interaction.contact_ids = {Uuid::New()};
  future.occurred_time = absl::Now() + absl::Hours(24);
  const auto outcomes = LogInteractions(work_, {Ask(met), Ask(alone), Ask(stranger), Ask(future)});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], IsOk());
  EXPECT_THAT(outcomes[2], HasReason("CONTACT_NOT_FOUND"));
  EXPECT_THAT(outcomes[3], HasViolation("interaction.occurred_time", "IN_FUTURE"));
  EXPECT_THAT(Sql("SELECT subject || met_decision_maker FROM interaction ORDER BY subject COLLATE \"C\""),
              ElementsAre("拜访true", "电话false"));
}

TEST_F(CustomerTest, ContactsChangeUnderTheirEtagAndAreListedByName) {
  const Uuid id = Create("华为");
  CreateContact add{id, {}};
  std::vector<Uuid> ids;
  for (const char* name : {"Carol", "alice", "Bob"}) {
    add.profile.name = name;
    ids.push_back(IdOf(CreateContacts(work_, {Ask(add)})[0]));
  }
  UpdateContact change;
  change.id = ids[0];
  change.etag = 1;
  change.patch.phones = {"+8613800138000"};
  EXPECT_THAT(UpdateContacts(work_, {Ask(change)})[0], IsOk());
  EXPECT_THAT(UpdateContacts(work_, {Ask(change)})[0], HasReason("STALE_ETAG"));
  EXPECT_THAT((*GetContacts(pool_, {Ask(GetContact{ids[0]})})[0]).profile.phones,
              ElementsAre("+8613800138000"));

  std::vector<std::string> names;
  ListContacts query{id, "", {}, 2};
  for (;;) {
    const auto page = *ContactsOf(pool_, Ask(query));
    if (page.empty()) break;
    for (const Contact& contact : page) names.push_back(contact.profile.name);
    query.after_name = page.back().profile.name;
    query.after_id = page.back().id;
  }
  EXPECT_THAT(names, ElementsAre("alice", "Bob", "Carol"));
  EXPECT_THAT(ContactsOf(pool_, Ask(ListContacts{Uuid::New(), "", {}, 2})), HasReason("CUSTOMER_NOT_FOUND"));
}

TEST_F(CustomerTest, SixtyFourEventsOrUpsertsTakeAsManyStatementsAsOne) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 66; ++i) ids.push_back(Create("客户 " + std::to_string(i)));
  const auto count = [&](auto run, auto command_of) {
    const auto with = [&](int from, int to) {
      std::vector<work::Request<decltype(command_of(ids[0]))>> requests;
      for (int i = from; i < to; ++i) requests.push_back(Ask(command_of(ids[i])));
      return RoundTripsOf([&] {
        for (const auto& outcome : run(work_, requests)) ASSERT_THAT(outcome, IsOk());
      });
    };
    with(0, 1);  // afterwards the connection has prepared its statements
    EXPECT_EQ(with(1, 2), with(2, 66));
  };
  const auto upsert = [&](const char* name) {
    return [&, name](Uuid id) { return UpsertCustomer{Called(name, "up-" + id.ToString())}; };
  };
  count(&UpsertCustomers, upsert("创建"));
  count(&UpsertCustomers, upsert("更新"));
  count(&RecordCustomerFacts, [&](Uuid id) {
    return RecordCustomerFact{id, LifecycleCause::kQualified, Uuid()};
  });
}

TEST_F(CustomerTest, GetsOfASetAreOneStatement) {
  std::vector<work::Request<GetCustomer>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Ask(GetCustomer{Create("客户 " + std::to_string(i))}));
  requests[3].command.id = Uuid::New();
  std::vector<absl::StatusOr<Customer>> answers;
  EXPECT_EQ(RoundTripsOf([&] { answers = GetCustomers(pool_, requests); }), 1);
  EXPECT_THAT(answers[3], HasReason("CUSTOMER_NOT_FOUND"));
  EXPECT_EQ(answers[63]->profile.name, "客户 63");
}

}  // namespace
}  // namespace crm::customer
