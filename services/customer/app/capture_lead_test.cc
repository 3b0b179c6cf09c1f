#include "services/customer/app/capture_lead.h"

#include "common/testing/concurrent.h"
#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

class CaptureLeadTest : public LeadFixture {};

TEST_F(CaptureLeadTest, ANewLeadIsKeptToldAndQueuedInOneTransaction) {
  CaptureLead command = Draft("上海華為科技有限公司", "x-1");
  command.draft.details.attributes = {{"budget", "10"}, {"note,\"", "{a}\\"}};
  command.draft.occurred = absl::FromUnixSeconds(1'500'000'000);
  const Uuid id = IdOf(CaptureLeads(work_, {Ask(command)})[0]);
  EXPECT_EQ(One("SELECT company || '/' || state || '/' || (attributes ->> 'note,\"') || '/' || company_key "
                "FROM lead"),
            "上海華為科技有限公司/NEW/{a}\\/上海华为科技");
  EXPECT_EQ(One("SELECT type || aggregate_seq FROM outbox WHERE aggregate_id = '" + id.ToString() + "'"),
            "LeadCaptured1");
  EXPECT_EQ(
      One("SELECT kind || '/' || queue || '/' || state FROM job WHERE subject_id = '" + id.ToString() + "'"),
      "assign_lead/lead-assignment/PENDING");
}

TEST_F(CaptureLeadTest, AKnownExternalIdBringsTheLeadUpToDate) {
  const Uuid id = IdOf(CaptureLeads(work_, {Ask(Draft("Acme", "x-1"))})[0]);
  CaptureLead again = Draft("Acme", "x-1");
  again.draft.details.phone = "+8613800138000";
  EXPECT_EQ(*CaptureLeads(work_, {Ask(again)})[0], id.ToString() + " existed");
  EXPECT_EQ(One("SELECT phone || '/' || version || '/' || phone_key FROM lead"),
            "+8613800138000/2/+8613800138000");
  EXPECT_EQ(*CaptureLeads(work_, {Ask(again)})[0], id.ToString() + " existed");
  EXPECT_EQ(One("SELECT version FROM lead"), "2") << "nothing changed, nothing told";
}

TEST_F(CaptureLeadTest, TheSamePersonWithoutAnExternalIdIsRefused) {
  const Uuid id = CaptureOne("Acme Trading Co., Ltd.");
  EXPECT_THAT(CaptureLeads(work_, {Ask(Draft("acme  TRADING"))})[0], HasReason("LEAD_ALREADY_EXISTS"));
  const auto other = CaptureLeads(work_, {Ask(Draft("Acme Trading", "x-2"))})[0];
  EXPECT_THAT(other, IsOk()) << "another system says it is another";
  EXPECT_EQ(One("SELECT possible_duplicate_of FROM lead WHERE external_id = 'x-2'"), id.ToString());
}

TEST_F(CaptureLeadTest, DuplicatesOfOneBatchAreSeenInTheirOrder) {
  const auto outcomes = CaptureLeads(
      work_, {Ask(Draft("Acme")), Ask(Draft("Acme")), Ask(Draft("B", "x-1")), Ask(Draft("Beta", "x-1"))});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], HasReason("LEAD_ALREADY_EXISTS"));
  EXPECT_THAT(*outcomes[3], EndsWith(" existed"));
  EXPECT_THAT(Sql("SELECT company || version FROM lead ORDER BY company"), ElementsAre("Acme1", "Beta2"))
      << "two commands on one row both count";
}

TEST_F(CaptureLeadTest, PeopleOfTheSameNameAreNotTheSamePerson) {
  CaptureLead command = Draft("");
  command.draft.details.contact = "王伟";
  for (int i = 0; i < 2; ++i) EXPECT_THAT(CaptureLeads(work_, {Ask(command)})[0], IsOk());
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "2");
}

TEST_F(CaptureLeadTest, ACorrectedLeadDoesNotBlockItsOldName) {
  const Uuid id = CaptureOne("Acme");
  UpdateLead update{id, {}, {}};
  update.patch.details.company = "Beta";
  update.patch.fields = {"company"};
  ASSERT_THAT(UpdateLeads(work_, {Ask(update)})[0], IsOk());
  EXPECT_THAT(CaptureLeads(work_, {Ask(Draft("Acme"))})[0], IsOk());
  EXPECT_THAT(CaptureLeads(work_, {Ask(Draft("Beta"))})[0], HasReason("LEAD_ALREADY_EXISTS"));
}

TEST_F(CaptureLeadTest, AClosedLeadDoesNotBlockANewOne) {
  const Uuid id = CaptureOne("Acme");
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(DisqualifyLead{id, {}, {"NO_BUDGET", ""}})})[0], IsOk());
  EXPECT_THAT(CaptureLeads(work_, {Ask(Draft("Acme"))})[0], IsOk());
}

TEST_F(CaptureLeadTest, OfAnAddressThatManyShareAHundredAreLookedAtAndTheSameLeadIsFound) {
  const auto of = [&](int i) {
    CaptureLead command = Draft("");
    command.draft.details.contact = "联系人 " + std::to_string(i);
    command.draft.details.email = "info@example.cn";
    return command;
  };
  std::vector<work::Request<CaptureLead>> requests;
  for (int i = 0; i < 250; ++i) requests.push_back(Ask(of(i)));
  requests.push_back(Ask(of(200)));
  const auto outcomes = CaptureLeads(work_, requests);
  EXPECT_THAT(outcomes[249], IsOk());
  EXPECT_THAT(outcomes[250], HasReason("LEAD_ALREADY_EXISTS")) << "in one batch";
  EXPECT_THAT(CaptureLeads(work_, {Ask(of(249))})[0], HasReason("LEAD_ALREADY_EXISTS")) << "and later";
  EXPECT_THAT(CaptureLeads(work_, {Ask(of(250))})[0], IsOk());
  const Uuid closed = *Uuid::Parse(One("SELECT id FROM lead WHERE contact = '联系人 7'"));
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(DisqualifyLead{closed, {}, {"X", ""}})})[0], IsOk());

  MatchKeySet keys;
  keys.Add(MatchKeysOf(of(7).draft.details));
  ASSERT_THAT(db::RunStatements(pool_, absl::Now() + absl::Seconds(5),
                                [&](db::Transaction& tx) {
                                  const auto known = LeadStore(tx).FindKnown({}, keys);
                                  EXPECT_EQ(known.size(), 100u);
                                  for (const Lead& lead : known) EXPECT_TRUE(IsOpen(lead));
                                  return absl::OkStatus();
                                }),
              IsOk());
}

TEST_F(CaptureLeadTest, OneBadItemLeavesItsNeighbours) {
  std::vector<work::Request<CaptureLead>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Ask(Draft("公司 " + std::to_string(i))));
  requests[31].command.draft.org_unit_id = Uuid::New();
  const auto outcomes = CaptureLeads(work_, requests);
  for (int i = 0; i < 64; ++i) {
    if (i == 31) {
      EXPECT_THAT(outcomes[i], HasReason("ORG_UNIT_NOT_FOUND"));
    } else {
      EXPECT_THAT(outcomes[i], IsOk()) << i;
    }
  }
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "63");
}

TEST_F(CaptureLeadTest, WhatTheDatabaseRefusesFailsAloneToo) {
  std::vector<work::Request<CaptureLead>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Ask(Draft("公司 " + std::to_string(i))));
  requests[7].command.draft.details.note = "\xff\xfe";  // ill-formed: the converter would have refused it
  const auto outcomes = CaptureLeads(work_, requests);
  EXPECT_FALSE(outcomes[7].ok());
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "63");
}

TEST_F(CaptureLeadTest, EqualRequestIdsExecuteOnce) {
  const auto first = Ask(Draft("Acme", "x-1"), Key("r-1", "body"));
  const auto outcomes = CaptureLeads(work_, {first, first, Ask(Draft("Other"), Key("r-1", "another body"))});
  EXPECT_EQ(*outcomes[0], *outcomes[1]);
  EXPECT_THAT(outcomes[2], HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(*CaptureLeads(work_, {first})[0], *outcomes[0]) << "also in a later batch: new, as it was then";
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "1");
}

TEST_F(CaptureLeadTest, ConcurrentCapturesOfTheSameLeadKeepOne) {
  constexpr int kThreads = 8, kLeads = 25;
  std::atomic<int> created{0}, existed{0}, refused{0}, failed{0};
  testing::RunConcurrently(kThreads, [&](int) {
    for (int i = 0; i < kLeads; ++i) {
      const auto by_id = CaptureLeads(work_, {Ask(Draft("", "x-" + std::to_string(i)))})[0];
      const auto by_name = CaptureLeads(work_, {Ask(Draft("公司 " + std::to_string(i)))})[0];
      if (by_id.ok()) ++(by_id->ends_with(" existed") ? existed : created);
      if (by_name.ok()) ++created;
      if (!by_name.ok() && errors::Reason(by_name.status()) == "LEAD_ALREADY_EXISTS") ++refused;
      if (!by_id.ok()) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(created, 2 * kLeads);
  EXPECT_EQ(existed, (kThreads - 1) * kLeads);
  EXPECT_EQ(refused, (kThreads - 1) * kLeads);
  EXPECT_EQ(One("SELECT count(*) FROM lead"), std::to_string(2 * kLeads));
}

TEST_F(CaptureLeadTest, UpdateChangesWhatTheMaskNames) {
  const Uuid id = CaptureOne("Acme");
  UpdateLead update{id, 1, {}};
  update.patch.details.industry = "制造";
  update.patch.fields = {"industry", "source"};
  EXPECT_THAT(UpdateLeads(work_, {Ask(update)})[0], IsOk());
  EXPECT_EQ(One("SELECT company || '/' || industry FROM lead"), "Acme/制造");
  update.patch.details.industry = "贸易";
  EXPECT_THAT(UpdateLeads(work_, {Ask(update)})[0], HasReason("STALE_ETAG"));
  EXPECT_EQ(One("SELECT industry FROM lead"), "制造");
}

}  // namespace
}  // namespace crm::customer
