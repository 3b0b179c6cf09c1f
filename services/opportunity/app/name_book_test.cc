#include "services/opportunity/app/name_book.h"

#include <gmock/gmock.h>

#include "common/status/errors.h"

namespace crm::opportunity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

class NameBookTest : public ::testing::Test {
 protected:
  NameBook book_{
      [this](const work::Caller&,
             const std::vector<std::string>& names) -> absl::StatusOr<std::map<std::string, Peers::Found>> {
        asked_.push_back(names);
        if (away_) return errors::Unavailable("PEER_UNAVAILABLE", "away");
        std::map<std::string, Peers::Found> found;
        for (const std::string& name : names)
          if (name != "Nobody") found[name].name = name;
        return found;
      }};
  bool away_ = false;
  std::vector<std::vector<std::string>> asked_;
};

TEST_F(NameBookTest, EachNameIsAskedForOnce) {
  EXPECT_THAT(*book_.Find({}, {"B", "A", "B", "Nobody"}), ElementsAre(Key("A"), Key("B")));
  EXPECT_THAT(*book_.Find({}, {"Nobody", "C", "A"}), ElementsAre(Key("A"), Key("C")));
  EXPECT_THAT(*book_.Find({}, {"B", "Nobody"}), ElementsAre(Key("B")));
  EXPECT_THAT(asked_, ElementsAre(ElementsAre("A", "B", "Nobody"), ElementsAre("C")));
}

TEST_F(NameBookTest, BlankCellsAreNoNamesAndOthersAreTidied) {
  EXPECT_THAT(*book_.Find({}, {"", " ", "\t\u3000", "  Acme  Ltd ", "Acme Ltd"}),
              ElementsAre(Key("Acme Ltd")));
  EXPECT_THAT(asked_, ElementsAre(ElementsAre("Acme Ltd")));
  EXPECT_THAT(*book_.Find({}, {" "}), IsEmpty());
  EXPECT_EQ(asked_.size(), 1u) << "nobody is asked about nothing";
}

TEST_F(NameBookTest, WhoCouldNotBeAskedIsAskedAgain) {
  away_ = true;
  EXPECT_EQ(errors::Reason(book_.Find({}, {"A"}).status()), "PEER_UNAVAILABLE");
  away_ = false;
  EXPECT_THAT(*book_.Find({}, {"A"}), ElementsAre(Key("A")));
}

}  // namespace
}  // namespace crm::opportunity
