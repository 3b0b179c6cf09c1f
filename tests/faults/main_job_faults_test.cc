// Every process, PostgreSQL and Redis are killed under load, and Redis is emptied; afterwards the checker
// finds every acknowledged lead assigned exactly once or visibly waiting, every acknowledged deal made once,
// and every event applied exactly once, in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "tests/faults/faults_fixture.h"

namespace crm::testing {
namespace {

TEST_F(FaultsTest, NothingIsLostAndNothingHappensTwiceWhateverIsKilled) {
  SetUpEnterprise(500);  // room for all but some of the leads, so that some wait
  const char* chosen = std::getenv("GUANXI_FAULT_SEED");
  const unsigned seed = chosen != nullptr ? static_cast<unsigned>(std::atol(chosen)) : std::random_device{}();
  std::cout << "repeat with GUANXI_FAULT_SEED=" << seed << std::endl;
  std::mt19937 random(seed);

  std::atomic<bool> load_ends = false;
  std::vector<std::thread> clients;
  const auto start = [&](Client::Way way, auto work) {
    clients.emplace_back([this, &load_ends, way, work] {
      try {
        Client client(*this, way);
        for (int i = 0; !load_ends; ++i) work(client, std::to_string(i));
      } catch (const std::exception& e) {
        ADD_FAILURE() << e.what();
      }
    });
  };
  start(Client::Way::kByTurns,
        [](Client& client, const std::string& i) { client.MakeDeals("deal-" + i, 20); });
  for (int number = 0; number < 6; ++number) {
    const bool by_web = number % 3 == 0;
    const std::string name = (by_web ? "web-" : "lead-") + std::to_string(number) + "-";
    start(by_web ? Client::Way::kGateway : Client::Way::kStraight,
          [name](Client& client, const std::string& i) { client.CaptureLead(name + i); });
  }

  std::vector<std::string> victims;
  for (int round = 0; round < 5; ++round)
    for (const char* victim : {"customer", "opportunity", "contract_credit", "analytics", "gateway",
                               "postgres", "redis", "redis emptied"})
      victims.push_back(victim);
  std::shuffle(victims.begin(), victims.end(), random);
  for (const std::string& victim : victims) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<>(20, 400)(random)));
    if (victim == "redis emptied") {
      suite_.FlushRedis();
      continue;
    }
    suite_.Kill(victim);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<>(0, 300)(random)));
    suite_.Start(victim);
    suite_.WaitUntilServing();
  }
  load_ends = true;
  for (std::thread& client : clients) client.join();

  ASSERT_TRUE(EventuallyDrained());
  EXPECT_THAT(Broken(), ::testing::IsEmpty());
  EXPECT_GT(acknowledged_.leads.size(), 100u);
  const int web_leads =
      std::stoi(suite_.Sql("SELECT count(*) FROM guanxi_customer.lead WHERE external_id LIKE 'web-%'").at(0));
  EXPECT_GT(web_leads, 20) << "the gateway has to be killed under load";
  std::cout << acknowledged_.leads.size() << " leads acknowledged, " << web_leads
            << " of them through the gateway, " << acknowledged_.contracts.size() << " deals made, "
            << attempts_ - answers_ << " calls repeated, "
            << suite_.Sql("SELECT count(*) FROM guanxi_customer.lead WHERE waiting_since IS NOT NULL").at(0)
            << " leads waiting, " << victims.size() << " faults" << std::endl;
}

}  // namespace
}  // namespace crm::testing
