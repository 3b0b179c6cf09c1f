#include <gtest/gtest.h>

#include "services/opportunity/rpc/use_case_fixture.h"

namespace crm::opportunity {
namespace {

using testing::HasReason;

class ConvertedLeadsTest : public Fixture {
 protected:
  ConvertedLeadsTest() { PublishProcess(); }
  CreateOpportunity OnAProcessThatThereIsNot() const {
    CreateOpportunity command = Deal();
    command.customer_name = "Acme";
    command.process_key = "no such process";
    return command;
  }
};

TEST_F(ConvertedLeadsTest, AnUnknownProcessMeansTheStandardOne) {
  const auto opened = OpenConvertedLeads(work_, peers_, {{Ask(OnAProcessThatThereIsNot()), Ask(Deal())}});
  const auto converted = Reply<v1::Opportunity>(opened[0]), standard = Reply<v1::Opportunity>(opened[1]);
  EXPECT_EQ(converted.process_id(), standard.process_id());
  EXPECT_EQ(converted.stage(), standard.stage());
}

TEST_F(ConvertedLeadsTest, APersonIsToldOfAnUnknownProcess) {
  EXPECT_THAT(CreateOpportunities(work_, peers_, {{Ask(OnAProcessThatThereIsNot())}})[0],
              HasReason("SALES_PROCESS_NOT_FOUND"));
}

}  // namespace
}  // namespace crm::opportunity
