#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/auth/principal.h"
#include "common/testing/redis.h"
#include "grpcpp/channel.h"
#include "tests/support/process.h"

namespace crm::testing {

// The five real processes on free loopback ports, over a database of their own that guanxi-migrate has
// filled. PostgreSQL and Redis are those of ./crm test, or, for tests that kill them, the suite's own.
//
// Process names: customer, opportunity, contract_credit, analytics, gateway; postgres and redis when owned.
class Suite {
 public:
  enum class Servers { kShared, kOwn };
  explicit Suite(Servers servers = Servers::kShared);
  ~Suite();

  // A channel to one of the four services.
  std::shared_ptr<grpc::Channel> Channel(const std::string& service) const;
  // "127.0.0.1:port" of the gateway.
  const std::string& gateway() const { return addresses_.at("gateway"); }
  const std::string& address(const std::string& process) const { return addresses_.at(process); }

  // A token, without "Bearer ".
  std::string Token(const std::vector<std::string>& permissions = {"*"}, const Uuid& subject = Uuid::New(),
                    absl::Duration lifetime = absl::Hours(1)) const;

  // PEM file of the key that Token signs with.
  std::string private_key_file() const { return folder_ + "/private.pem"; }

  // SIGKILL by default, and waits for the end.
  void Kill(const std::string& process, int signal = 9);
  // The two halves of that, for those who look in between. AwaitEnd answers as Process::Wait.
  void Signal(const std::string& process, int signal);
  int AwaitEnd(const std::string& process);
  // Starts what was killed.
  void Start(const std::string& process);
  // Until every process answers; throws with the end of the log of the one that does not.
  void WaitUntilServing();

  // Deletes everything in Redis.
  void FlushRedis();

  // RunSql with the administrator's rights. Name the schema: "guanxi_customer.lead".
  std::vector<std::string> Sql(const std::string& sql) const;

  // The administrator's connection string.
  std::string AdminUrl() const;

  static const std::vector<std::string>& Services();

 private:
  void StartServers();

  const Servers servers_;
  std::string folder_;
  std::unique_ptr<TestRedis> shared_redis_;
  std::string redis_url_;
  std::string private_key_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::string> peers_;  // the environment by which processes find each other
  std::map<std::string, std::vector<std::string>> commands_;
  std::map<std::string, std::unique_ptr<Process>> processes_;
};

}  // namespace crm::testing
