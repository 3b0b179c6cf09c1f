#include "services/customer/domain/customer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "services/customer/domain/hierarchy.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Revise, NamesWhatDiffersAndOnlyThat) {
  CustomerProfile profile;
  profile.name = "华为";
  profile.region = "广东";
  profile.tags = {"key"};
  CustomerPatch patch;
  patch.name = "华为技术有限公司";
  patch.region = "广东";
  patch.grade = Grade::kA;
  EXPECT_THAT(Revise(profile, patch), ElementsAre("name", "grade"));
  EXPECT_EQ(profile.name, "华为技术有限公司");
  EXPECT_EQ(profile.grade, Grade::kA);
  EXPECT_THAT(profile.tags, ElementsAre("key"));
}

TEST(Revise, AnEmptyValueClearsTheField) {
  CustomerProfile profile;
  profile.region = "广东";
  profile.tags = {"key"};
  CustomerPatch patch;
  patch.region = "";
  patch.tags.emplace();
  EXPECT_THAT(Revise(profile, patch), ElementsAre("region", "tags"));
  EXPECT_THAT(profile.region, IsEmpty());
  EXPECT_THAT(profile.tags, IsEmpty());
}

TEST(Revise, ASecondTimeChangesNothing) {
  std::mt19937 random(7);
  const auto text = [&] { return std::string(1, static_cast<char>('a' + random() % 3)); };
  for (int round = 0; round < 500; ++round) {
    CustomerProfile profile, wanted;
    for (CustomerProfile* p : {&profile, &wanted}) {
      p->kind = static_cast<CustomerKind>(random() % 2);
      p->name = text();
      p->industry = text();
      p->grade = static_cast<Grade>(random() % 4);
      p->tags = {text()};
    }
    Revise(profile, GivenIn(wanted));
    EXPECT_THAT(Revise(profile, GivenIn(wanted)), IsEmpty());
    EXPECT_EQ(profile.name, wanted.name);
    EXPECT_TRUE(wanted.grade == Grade::kUngraded || profile.grade == wanted.grade);
  }
}

TEST(Hierarchy, NobodyBelongsToItself) {
  const Uuid group(1, 1), branch(1, 2), shop(1, 3);
  Hierarchy groups;
  groups.SetParent(branch, group);
  groups.SetParent(shop, branch);
  EXPECT_TRUE(groups.WouldLoop(group, group));
  EXPECT_TRUE(groups.WouldLoop(group, shop));
  EXPECT_FALSE(groups.WouldLoop(shop, group));
  groups.SetParent(branch, Uuid());
  EXPECT_FALSE(groups.WouldLoop(group, shop));
}

// Whatever is moved where: as long as moves that would loop are refused, every walk upwards ends.
TEST(Hierarchy, RefusingLoopsKeepsItATree) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    Hierarchy groups;
    absl::flat_hash_map<Uuid, Uuid> parents;
    for (int move = 0; move < 200; ++move) {
      const Uuid child(1, random() % 12), parent(1, random() % 12);
      if (groups.WouldLoop(child, parent)) continue;
      groups.SetParent(child, parent);
      parents[child] = parent;
    }
    for (const auto& [child, parent] : parents) {
      std::size_t steps = 0;
      for (auto at = parents.find(child); at != parents.end(); at = parents.find(at->second))
        ASSERT_LT(++steps, parents.size() + 1);
    }
  }
}

}  // namespace
}  // namespace crm::customer
