#include "common/db/connection.h"

#include <array>
#include <stdexcept>

#include "common/db/timeouts.h"

namespace crm::db {
namespace {

constexpr std::size_t kMostParams = 48;

// pqxx takes what is text and what is binary from the types of its arguments: each parameter is a range of at
// most one text and a range of at most one binary value.
struct Slot {
  const char* text = nullptr;
  bool is_text = false;
  std::optional<pqxx::binarystring> binary;
};

template <std::size_t I>
auto Range(const std::array<Slot, kMostParams>& slots) {
  const Slot& slot = slots[I / 2];
  if constexpr (I % 2 == 0) {
    return pqxx::prepare::make_dynamic_params(&slot.text, &slot.text + slot.is_text);
  } else {
    const pqxx::binarystring* value = slot.binary ? &*slot.binary : nullptr;
    return pqxx::prepare::make_dynamic_params(value, value + slot.binary.has_value());
  }
}

template <std::size_t... I>
pqxx::result ExecPrepared(pqxx::nontransaction& session, const char* name,
                          std::initializer_list<Param> params, std::index_sequence<I...>) {
  if (params.size() > kMostParams) throw std::logic_error("a statement of more than kMostParams parameters");
  std::array<Slot, kMostParams> slots;
  Slot* slot = slots.data();
  for (const Param& param : params) {
    if (param.array()) {
      slot->binary.emplace(*param.value());
    } else {
      slot->is_text = true;
      slot->text = param.value() ? param.value()->c_str() : nullptr;
    }
    ++slot;
  }
  return session.exec_prepared(name, Range<I>(slots)...);
}

}  // namespace

Connection::Connection(const std::string& url, const std::string& application)
    : connection_(WithTimeouts(url)), session_(connection_) {
  // A broken connection is thrown away with its prepared statements; silent reconnecting would lose them and,
  // worse, a transaction.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // silent reconnecting goes away in libpqxx 7
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  // Plans are kept, and many are made while a table is empty: they take the index all the same.
  session_.exec(
      "SET timezone = 'UTC'; SET statement_timeout = '5s';"
      " SET random_page_cost = 1.1; SET enable_seqscan = off; SET jit = off; SET application_name = " +
      session_.quote(application));
}

pqxx::result Connection::Execute(const std::string& sql) { return session_.exec(sql); }

pqxx::result Connection::Execute(const Statement& statement, std::initializer_list<Param> params) {
  auto found = prepared_.find(statement.name);
  if (found == prepared_.end()) {
    connection_.prepare(statement.name, statement.sql);
    auto& seconds = metrics::Latency("crm_db_statement_seconds", "Time of a SQL statement, by its name",
                                     {{"statement", statement.name}});
    found = prepared_.emplace(statement.name, Prepared{&seconds}).first;
  }
  const auto begin = std::chrono::steady_clock::now();
  pqxx::result result =
      ExecPrepared(session_, statement.name, params, std::make_index_sequence<2 * kMostParams>());
  found->second.seconds->Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return result;
}

}  // namespace crm::db
