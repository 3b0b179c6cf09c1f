#include "common/db/timeouts.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/testing/matchers.h"

namespace crm::db {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WithTimeouts, BoundsBothFormsOfConnectionStrings) {
  for (const char* url : {"host=db dbname=crm user=guanxi", "postgresql://guanxi@db/crm", ""})
    EXPECT_THAT(WithTimeouts(url),
                AllOf(HasSubstr("connect_timeout='3'"), HasSubstr("tcp_user_timeout='10000'"),
                      HasSubstr("keepalives_idle='5'")))
        << url;
  EXPECT_THAT(WithTimeouts("postgresql://guanxi:a%27%5Cb@one,two:5433/crm?target_session_attrs=read-write"),
              AllOf(HasSubstr("user='guanxi'"), HasSubstr("password='a\\'\\\\b'"),
                    HasSubstr("host='one,two'"), HasSubstr("port=',5433'"), HasSubstr("dbname='crm'"),
                    HasSubstr("target_session_attrs='read-write'")));
}

TEST(WithTimeouts, LeavesWhatTheConnectionStringSays) {
  for (const char* url :
       {"host=db connect_timeout=60 keepalives=0", "postgres://db?connect_timeout=60&keepalives=0"})
    EXPECT_THAT(WithTimeouts(url), AllOf(HasSubstr("connect_timeout='60'"), HasSubstr("keepalives='0'"),
                                         Not(HasSubstr("connect_timeout='3'"))));
  EXPECT_EQ(WithTimeouts("no connection string"), "no connection string");
}

// Accepts connections, as the kernel does for it, and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    url_ = "host=127.0.0.1 user=nobody port=" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(socket_); }
  const std::string& url() const { return url_; }

 private:
  const int socket_;
  std::string url_;
};

TEST(WithTimeouts, AServerThatNeverAnswersIsUnavailableWithinSeconds) {
  const SilentServer server;
  Pool pool({.url = server.url(), .application = "test", .size = 1});
  const absl::Time begin = absl::Now();
  const absl::Status status =
      RunTransaction(pool, begin + absl::Seconds(5), [](Transaction&) { return absl::OkStatus(); });
  EXPECT_THAT(status, testing::HasReason("DATABASE_UNAVAILABLE"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));  // TCP itself would wait for minutes
}

}  // namespace
}  // namespace crm::db
