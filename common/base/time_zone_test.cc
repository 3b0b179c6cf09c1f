#include "common/base/time_zone.h"

#include <gtest/gtest.h>

#include <string>

namespace crm {
namespace {

TEST(FindTimeZone, KnowsTheZonesOfTheDatabase) {
  for (const std::string name :
       {"UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8", "Etc/GMT-14", "EST5EDT"})
    EXPECT_TRUE(IsTimeZone(name)) << name;
  EXPECT_EQ(FindTimeZone("Asia/Shanghai")->name(), "Asia/Shanghai");
}

TEST(FindTimeZone, KnowsNoFilesOfThisMachine) {
  for (const std::string name :
       {"", "/usr/share/zoneinfo/UTC", "/etc/localtime", "localtime", "../zoneinfo/UTC", "Asia/../UTC",
        "right/UTC", "posix/UTC", "Fixed/UTC+08:00:00", "libc:localtime", ":UTC", "Asia", "zone.tab",
        "Mars/Olympus", "Asia/Shang hai"})
    EXPECT_FALSE(IsTimeZone(name)) << name;
}

}  // namespace
}  // namespace crm
