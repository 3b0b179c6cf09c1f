#include "tests/support/suite.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/token.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/support/http.h"

namespace crm::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/";

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string Dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string LastLines(const std::string& text, int lines) {
  std::size_t at = text.size();
  while (at > 0 && lines >= 0) lines -= text[--at] == '\n';
  return text.substr(at);
}

}  // namespace

const std::vector<std::string>& Suite::Services() {
  static const std::vector<std::string> services = {"customer", "opportunity", "contract_credit",
                                                    "analytics"};
  return services;
}

Suite::Suite(Servers servers) : servers_(servers) {
  char folder[] = "/tmp/guanxi-suite-XXXXXX";
  folder_ = mkdtemp(folder);
  fs::permissions(folder_, fs::perms::all);
  if (servers_ == Servers::kOwn) {
    StartServers();
  } else {
    shared_redis_ = std::make_unique<TestRedis>();
    redis_url_ = shared_redis_->url();
    // The binary has one database: what an earlier suite left in it goes.
    for (const std::string& service : Services())
      RunSql(AdminUrl(), "DROP SCHEMA IF EXISTS guanxi_" + service + " CASCADE");
  }

  const KeyPair keys = MakeKeyPair();
  private_key_ = keys.private_key;
  WriteFile(private_key_file(), private_key_);
  WriteFile(folder_ + "/keys.pem", keys.public_key);
  WriteFile(folder_ + "/service.token", Token({"*"}, Uuid::New(), absl::Hours(24)));

  Process migrate({CRM_BIN_DIR "/guanxi-migrate", "--database-url", AdminUrl()}, folder_ + "/migrate.log");
  if (migrate.Wait() != 0) throw std::runtime_error("guanxi-migrate failed:\n" + migrate.Log());

  for (const std::string& service : Services()) {
    addresses_[service] = absl::StrCat("127.0.0.1:", FreePort());
    peers_["GUANXI_" + absl::AsciiStrToUpper(service) + "_ADDRESS"] = addresses_[service];
  }
  addresses_["gateway"] = absl::StrCat("127.0.0.1:", FreePort());
  for (const std::string& service : Services()) {
    std::vector<std::string> command = {CRM_BIN_DIR "/guanxi-" + Dashed(service),
                                        "--listen=" + addresses_[service],
                                        "--database-url=" + AsRole(AdminUrl(), "guanxi_" + service),
                                        "--redis-url=" + redis_url_,
                                        "--token-keys=" + folder_ + "/keys.pem",
                                        "--service-token-file=" + folder_ + "/service.token"};
    commands_[service] = command;
  }
  commands_["gateway"] = {CRM_BIN_DIR "/guanxi-gateway", "--listen=" + addresses_["gateway"]};
  for (const auto& [name, command] : commands_)
    if (!processes_.contains(name)) Start(name);
  WaitUntilServing();
}

Suite::~Suite() {
  for (const char* server : {"gateway", "customer", "opportunity", "contract_credit", "analytics"})
    if (const auto found = processes_.find(server); found != processes_.end()) found->second->Signal(SIGTERM);
  for (const auto& [name, process] : processes_)
    if (name != "postgres" && name != "redis") Eventually([&] { return !process->running(); });
  if (std::getenv("GUANXI_KEEP_LOGS") != nullptr) return;
  processes_.clear();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Suite::StartServers() {
  const passwd* entry = getuid() == 0 ? getpwnam("postgres") : nullptr;
  const uid_t user = entry == nullptr ? 0 : entry->pw_uid;
  Process initdb({std::string(kPostgres) + "initdb", "-D", folder_ + "/pg", "-U", "postgres", "-A", "trust",
                  "-E", "UTF8", "--locale=C.UTF-8"},
                 folder_ + "/initdb.log", {}, user);
  if (initdb.Wait() != 0) throw std::runtime_error("initdb failed:\n" + initdb.Log());
  addresses_["postgres"] = absl::StrCat(FreePort());
  addresses_["redis"] = absl::StrCat(FreePort());
  fs::create_directory(folder_ + "/redis");
  commands_["postgres"] = {std::string(kPostgres) + "postgres",
                           "-D",
                           folder_ + "/pg",
                           "-p",
                           addresses_["postgres"],
                           "-c",
                           "listen_addresses=127.0.0.1",
                           "-c",
                           "unix_socket_directories=" + folder_,
                           "-c",
                           "max_connections=100"};
  commands_["redis"] = {
      "redis-server", "--port", addresses_["redis"],  "--bind",    "127.0.0.1", "--dir", folder_ + "/redis",
      "--appendonly", "yes",    "--maxmemory-policy", "noeviction"};
  redis_url_ = "redis://127.0.0.1:" + addresses_["redis"];
  Start("postgres");
  Start("redis");
  WaitUntilServing();
}

std::string Suite::AdminUrl() const {
  if (servers_ == Servers::kShared) return AdminDatabaseUrl();
  return "host=127.0.0.1 user=postgres dbname=postgres port=" + addresses_.at("postgres");
}

std::shared_ptr<grpc::Channel> Suite::Channel(const std::string& service) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  return grpc::CreateCustomChannel(addresses_.at(service), grpc::InsecureChannelCredentials(), arguments);
}

std::string Suite::Token(const std::vector<std::string>& permissions, const Uuid& subject,
                         absl::Duration lifetime) const {
  auth::Principal principal;
  principal.id = subject;
  principal.name = "test";
  principal.permissions = permissions;
  return *auth::SignToken(principal, private_key_, {}, absl::Now(), lifetime);
}

void Suite::Kill(const std::string& process, int signal) {
  Signal(process, signal);
  AwaitEnd(process);
}

void Suite::Signal(const std::string& process, int signal) { processes_.at(process)->Signal(signal); }

int Suite::AwaitEnd(const std::string& process) { return processes_.at(process)->Wait(); }

void Suite::Start(const std::string& process) {
  const passwd* entry = process == "postgres" && getuid() == 0 ? getpwnam("postgres") : nullptr;
  processes_[process] = std::make_unique<Process>(commands_.at(process), folder_ + "/" + process + ".log",
                                                  peers_, entry == nullptr ? 0 : entry->pw_uid);
}

void Suite::WaitUntilServing() {
  for (auto& [name, process] : processes_) {
    const auto answers = [&, name = name, &process = process] {
      if (!process->running()) return true;  // it never will: reported below
      if (name == "redis") {
        // A server that still loads its file accepts connections and refuses commands.
        Process ping({"redis-cli", "-p", addresses_["redis"], "ping"}, folder_ + "/ping.log");
        return ping.Wait() == 0 && ping.Log().ends_with("PONG\n");
      }
      try {
        if (name == "postgres") return !Sql("SELECT 1").empty();
        if (name == "gateway") return Http(gateway(), "GET", "/healthz").status == 200;
      } catch (const std::exception&) {
        return false;
      }
      return Channel(name)->WaitForConnected(std::chrono::system_clock::now() +
                                             std::chrono::milliseconds(500));
    };
    if (!Eventually(answers, std::chrono::seconds(30)) || !process->running())
      throw std::runtime_error(name + " does not serve; its log ends:\n" + LastLines(process->Log(), 20));
  }
}

void Suite::FlushRedis() {
  if (shared_redis_ != nullptr) return shared_redis_->Flush();
  Process flush({"redis-cli", "-p", addresses_["redis"], "flushall"}, folder_ + "/flush.log");
  flush.Wait();
}

std::vector<std::string> Suite::Sql(const std::string& sql) const { return RunSql(AdminUrl(), sql); }

}  // namespace crm::testing
