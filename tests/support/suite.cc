#include "tests/support/suite.h"

#include <libpq-fe.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/support/http.h"

namespace crm::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/";

struct Keys {
  std::string private_key, public_key;
};

Keys MakeKeys() {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const auto text = [](auto write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    write(bio.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {text([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          text([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, key.get()); })};
}

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
  }

  const Keys keys = MakeKeys();
  private_key_ = keys.private_key;
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
                                        "--database-url=" + RoleUrl("guanxi_" + service),
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

// The administrator's connection with the rights of one role only: the server may ask for passwords, and
// roles belong to the whole server, which other test binaries use at the same time.
std::string Suite::RoleUrl(const std::string& role) const {
  return AdminUrl() + " options='-c role=" + role + " -c search_path=" + role + "'";
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
  processes_.at(process)->Signal(signal);
  processes_.at(process)->Wait();
}

void Suite::Start(const std::string& process) {
  const passwd* entry = process == "postgres" && getuid() == 0 ? getpwnam("postgres") : nullptr;
  processes_[process] = std::make_unique<Process>(commands_.at(process), folder_ + "/" + process + ".log",
                                                  peers_, entry == nullptr ? 0 : entry->pw_uid);
}

void Suite::WaitUntilServing() {
  for (auto& [name, process] : processes_) {
    const auto answers = [&, name = name, &process = process] {
      if (!process->running()) return true;  // it never will: reported below
      if (name == "postgres") return PQping(AdminUrl().c_str()) == PQPING_OK;
      if (name == "redis") {
        // A server that still loads its file accepts connections and refuses commands.
        Process ping({"redis-cli", "-p", addresses_["redis"], "ping"}, folder_ + "/ping.log");
        return ping.Wait() == 0 && ping.Log().ends_with("PONG\n");
      }
      try {
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

std::vector<std::string> Suite::Sql(const std::string& sql) const {
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(AdminUrl().c_str()), PQfinish);
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(std::string(PQerrorMessage(connection.get())) + " in: " + sql);
  std::vector<std::string> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::string text;
    for (int column = 0; column < PQnfields(result.get()); ++column)
      text += (column == 0 ? "" : "|") + std::string(PQgetvalue(result.get(), row, column));
    rows.push_back(std::move(text));
  }
  return rows;
}

}  // namespace crm::testing
