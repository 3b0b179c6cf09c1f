// Starts the suite and lets the clients of the npm registry speak to it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/process.h"
#include "tests/support/suite.h"

namespace crm::testing {
namespace {

// Runs one file of tests in node, against a suite of its own. `way` is how its service calls travel.
void ExpectPassed(const std::string& file, const std::string& way = "") {
  ASSERT_TRUE(std::filesystem::exists(CRM_CLIENTS_DIR "/node_modules"))
      << "run ./crm test clients, which installs the clients, or npm ci in tests/clients";
  const Suite suite;
  const std::string log =
      std::filesystem::temp_directory_path() / ("guanxi-clients-" + Uuid::New().ToString());
  Process node({"node", "--test", CRM_CLIENTS_DIR "/" + file}, log,
               {{"GUANXI_WAY", way},
                {"GUANXI_TOKEN_PRIVATE_KEY", suite.private_key_file()},
                {"GUANXI_DESCRIPTOR_SET", CRM_DESCRIPTOR_SET},
                {"GUANXI_GATEWAY_ADDRESS", suite.gateway()},
                {"GUANXI_CUSTOMER_ADDRESS", suite.address("customer")},
                {"GUANXI_OPPORTUNITY_ADDRESS", suite.address("opportunity")},
                {"GUANXI_CONTRACT_CREDIT_ADDRESS", suite.address("contract_credit")},
                {"GUANXI_ANALYTICS_ADDRESS", suite.address("analytics")}});
  EXPECT_EQ(node.Wait(), 0) << node.Log();
  std::filesystem::remove(log);
}

TEST(Clients, TellTheWholeStoryStraightToTheServices) { ExpectPassed("story.test.js", "grpc"); }
TEST(Clients, TellTheWholeStoryThroughTheGateway) { ExpectPassed("story.test.js", "grpc-web"); }
TEST(Clients, SpeakInTextMode) { ExpectPassed("text_mode.test.js"); }

}  // namespace
}  // namespace crm::testing
