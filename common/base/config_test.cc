#include "common/base/config.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace crm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Config Server() {
  Config config("guanxi-test", "a test");
  config.Text("listen", "127.0.0.1:0", "Address.")
      .Required("database-url", "Connection string.", Config::Show::kUrl)
      .Text("pepper", "", "Secret.", Config::Show::kSecret)
      .Int("workers", 4, "Threads.")
      .Bool("reflection", false, "Serve reflection.")
      .Duration("drain", absl::Seconds(10), "Time to drain.");
  return config;
}

absl::Status Parse(Config& config, std::vector<const char*> words) {
  words.insert(words.begin(), "program");
  return config.Parse(static_cast<int>(words.size()), words.data());
}

TEST(ConfigTest, FlagBeforeEnvironmentBeforeDefault) {
  setenv("GUANXI_DATABASE_URL", "postgresql://crm:secret@db/crm", 1);
  setenv("GUANXI_WORKERS", "7", 1);
  Config config = Server();
  ASSERT_TRUE(Parse(config, {"--workers=9", "--listen", "0.0.0.0:1", "--reflection", "--drain=1500ms"}).ok());
  EXPECT_EQ(config.Int("workers"), 9);
  EXPECT_EQ(config.Text("listen"), "0.0.0.0:1");
  EXPECT_TRUE(config.Bool("reflection"));
  EXPECT_EQ(config.Duration("drain"), absl::Milliseconds(1500));
  EXPECT_EQ(config.Text("database-url"), "postgresql://crm:secret@db/crm");
  EXPECT_THAT(config.Effective(), AllOf(HasSubstr("postgresql://crm:***@db/crm"),
                                        HasSubstr("[GUANXI_DATABASE_URL]"), Not(HasSubstr("secret"))));
  unsetenv("GUANXI_DATABASE_URL");
  unsetenv("GUANXI_WORKERS");
}

TEST(ConfigTest, ListsEveryFault) {
  Config config = Server();
  const absl::Status status = Parse(config, {"--lisen=x", "--workers=many", "--drain", "soon", "stray"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("did you mean --listen?"), HasSubstr("--workers"), HasSubstr("a duration like"),
                    HasSubstr("stray"), HasSubstr("--database-url (or GUANXI_DATABASE_URL) is missing")));
}

TEST(ConfigTest, HelpNamesEverything) {
  Config config = Server();
  ASSERT_TRUE(Parse(config, {"--help"}).ok());
  EXPECT_TRUE(config.help_requested());
  EXPECT_THAT(config.Help(),
              AllOf(HasSubstr("--workers"), HasSubstr("GUANXI_WORKERS"), HasSubstr("Default: 4")));
}

TEST(ConfigTest, MasksPasswords) {
  const std::pair<const char*, const char*> rows[] = {
      {"redis://:pw@127.0.0.1:6379/1", "redis://:***@127.0.0.1:6379/1"},
      {"redis://:pa/ss@host:6379", "redis://:***@host:6379"},
      {"redis://user:p?a#s/s@w@host:6379", "redis://user:***@host:6379"},
      {"redis://:my&password=x@host:6379", "redis://:***"},
      {":secret@host:6379", ":***@host:6379"},
      {"user:secret@host:6379", "user:***@host:6379"},
      {"postgresql://crm:@db/crm", "postgresql://crm:@db/crm"},
      {"postgresql://crm@db:5432/crm", "postgresql://crm@db:5432/crm"},
      {"postgresql://db/crm?password=pw&x=1", "postgresql://db/crm?password=***&x=1"},
      {"postgresql://db/crm?password=p'w x", "postgresql://db/crm?password=***"},
      {"host=db password=pw user=crm", "host=db password=*** user=crm"},
      {"host=db password=p&w\tuser=crm", "host=db password=***\tuser=crm"},
      {"host=db password=p\\ w user=crm", "host=db password=*** user=crm"},
      {"host=db password = 'p\\'w x' user=crm", "host=db password = *** user=crm"},
      {"host=db password='p w", "host=db password=***"},
      {"host=::1 password=p@w", "host=:***"},
      {"sslpassword=a password=b", "sslpassword=*** password=***"},
      {"host=db password=", "host=db password="},
      {"host=/run/pg", "host=/run/pg"},
      {"", ""}};
  for (const auto& [url, masked] : rows) EXPECT_EQ(MaskPasswords(url), masked) << url;
}

}  // namespace
}  // namespace crm
