#include "common/testing/redis.h"

#include <hiredis/hiredis.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace crm::testing {
namespace {

using Context = std::unique_ptr<redisContext, decltype(&redisFree)>;

std::string Text(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_NIL:
      return "nil";
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (std::size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : " ") + Text(*reply.element[i]);
      return text;
    }
    default:
      return std::string(reply.str, reply.len);
  }
}

// `server` is host:port.
std::string Execute(const std::string& server, int database, const std::vector<std::string>& command) {
  const std::size_t colon = server.rfind(':');
  const int port = colon == std::string::npos ? 6379 : std::atoi(server.c_str() + colon + 1);
  Context context(redisConnect(server.substr(0, colon).c_str(), port), redisFree);
  if (context == nullptr || context->err != 0)
    throw std::runtime_error("test Redis " + server + ": " + (context ? context->errstr : "out of memory"));
  freeReplyObject(redisCommand(context.get(), "SELECT %d", database));
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const std::string& word : command) words.push_back(word.data()), lengths.push_back(word.size());
  std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
      static_cast<redisReply*>(
          redisCommandArgv(context.get(), static_cast<int>(words.size()), words.data(), lengths.data())),
      [](redisReply* r) { freeReplyObject(r); });
  if (reply == nullptr) throw std::runtime_error(std::string("test Redis: ") + context->errstr);
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error("test Redis: " + Text(*reply));
  return Text(*reply);
}

}  // namespace

TestRedis::TestRedis() {
  const char* url = std::getenv("GUANXI_TEST_REDIS_URL");
  if (url == nullptr || *url == '\0')
    throw std::runtime_error("GUANXI_TEST_REDIS_URL is not set: run ./crm test");
  server_ = url;
  constexpr char kScheme[] = "redis://";
  if (server_.rfind(kScheme, 0) == 0) server_ = server_.substr(sizeof(kScheme) - 1);
  server_ = server_.substr(0, server_.find('/'));
  // Database 0 keeps the book of who uses which; a binary that died gives its number back after ten minutes.
  for (int candidate = 1; candidate < 16 && database_ == 0; ++candidate) {
    const std::string taken = Execute(server_, 0,
                                      {"SET", "crm-test:database:" + std::to_string(candidate),
                                       std::to_string(getpid()), "NX", "EX", "600"});
    if (taken == "OK") database_ = candidate;
  }
  if (database_ == 0) throw std::runtime_error("test Redis: all 15 databases are in use");
  url_ = "redis://" + server_ + "/" + std::to_string(database_);
  Flush();
}

TestRedis::~TestRedis() {
  try {
    Flush();
    Execute(server_, 0, {"DEL", "crm-test:database:" + std::to_string(database_)});
  } catch (const std::exception&) {
    // Gone already: nothing to give back.
  }
}

void TestRedis::Flush() { Execute(server_, database_, {"FLUSHDB"}); }

std::string TestRedis::Run(const std::vector<std::string>& command) {
  return Execute(server_, database_, command);
}

}  // namespace crm::testing
