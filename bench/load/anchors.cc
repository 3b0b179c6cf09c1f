#include "bench/load/anchors.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace crm::bench {
namespace {

// Ids in order, as the service's are: random ones would scatter over the index and make the anchor slower.
constexpr char kNextId[] = "('00000000-0000-7000-8000-' || lpad(to_hex(nextval('ids')), 12, '0'))::uuid";

struct Insert {
  std::string table;
  std::vector<std::string> columns, values;  // `values` are SQL; kLeadId stands for the lead's id
  std::string Columns() const { return absl::StrJoin(columns, ", "); }
};
constexpr char kLeadId[] = "@lead@", kLearned[] = "@learned@";

std::string Replaced(std::string text, const std::string& mark, const std::string& by) {
  for (std::size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), by);
  return text;
}

std::string WithLeadId(const Insert& insert, const std::string& expression) {
  std::vector<std::string> values = insert.values;
  for (std::string& value : values) value = Replaced(value, kLeadId, expression);
  return absl::StrJoin(values, ", ");
}

// The insert of one row of `table` like those that were written while the tables were watched and that meet
// `condition`; `special` columns get their own SQL.
std::vector<Insert> Learn(testing::Suite& suite, const std::string& table, const std::string& condition,
                          const std::map<std::string, std::string>& special) {
  const std::vector<std::string> columns = suite.Sql(absl::StrCat(
      "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'bench.", table,
      "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"));
  std::vector<std::string> names, types, quoted;
  for (const std::string& column : columns) {
    const std::size_t bar = column.find('|');
    names.push_back(column.substr(0, bar));
    types.push_back(column.substr(bar + 1));
    quoted.push_back("quote_nullable(\"" + names.back() + "\"::text)");
  }
  std::vector<Insert> inserts;
  for (const std::string& row :
       suite.Sql(absl::StrCat("SELECT ctid::text FROM bench.seen_", table, " WHERE ", condition))) {
    Insert insert{.table = table, .columns = {}, .values = {}};
    for (std::size_t i = 0; i < names.size(); ++i) {
      insert.columns.push_back('"' + names[i] + '"');
      const auto learned = suite.Sql(
          absl::StrCat("SELECT ", quoted[i], " FROM bench.seen_", table, " WHERE ctid = '", row, "'"));
      const auto found = special.find(names[i]);
      insert.values.push_back(Replaced(found == special.end() ? kLearned : found->second, kLearned,
                                       learned.at(0) + "::" + types[i]));
    }
    inserts.push_back(std::move(insert));
  }
  return inserts;
}

constexpr const char* kTables[] = {"lead", "outbox", "unsent_event", "idempotency", "job"};

// Keeps a copy of each row as it is first written: jobs and unsent events are gone a moment later.
void Watch(testing::Suite& suite) {
  for (const std::string table : kTables)
    suite.Sql(absl::StrCat("CREATE TABLE bench.seen_", table, " (LIKE guanxi_customer.", table, ");",
                           "CREATE FUNCTION bench.see_", table,
                           "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS ",
                           "'BEGIN INSERT INTO bench.seen_", table, " SELECT NEW.*; RETURN NULL; END';",
                           "CREATE TRIGGER see AFTER INSERT ON guanxi_customer.", table,
                           " FOR EACH ROW EXECUTE FUNCTION bench.see_", table, "()"));
}
void StopWatching(testing::Suite& suite) {
  for (const std::string table : kTables)
    suite.Sql(absl::StrCat("DROP TRIGGER see ON guanxi_customer.", table));
}

}  // namespace

std::string OwnerId(int n) { return absl::StrFormat("00000000-0000-7000-8000-%012x", n); }

Pgbench::Pgbench(testing::Suite& suite, std::string folder) : suite_(suite), folder_(std::move(folder)) {
  suite_.Sql("CREATE SCHEMA bench");
  for (const std::string table : kTables)
    suite_.Sql(
        absl::StrCat("CREATE TABLE bench.", table, " (LIKE guanxi_customer.", table, " INCLUDING ALL)"));
  suite_.Sql("CREATE SEQUENCE bench.ids CACHE 1000");
}

void Pgbench::LearnCapture(const std::function<std::string()>& capture) {
  Watch(suite_);
  const std::string lead_id = capture();
  StopWatching(suite_);
  std::map<std::string, std::string> lead = {
      {"id", kNextId}, {"fingerprint", kNextId}, {"external_id", "''"}};
  for (const std::string own : {"company", "contact", "phone", "email"})  // no two leads share them
    lead[own] = lead[own + "_key"] = absl::StrCat(kLearned, " || nextval('ids')");
  std::vector<Insert> inserts = Learn(suite_, "lead", "id = '" + lead_id + "'", lead);
  if (inserts.size() != 1) throw std::runtime_error("the captured lead " + lead_id + " has no row");
  const auto add = [&inserts](std::vector<Insert> more) {
    for (Insert& insert : more) inserts.push_back(std::move(insert));
  };
  const std::string first_event =
      "(SELECT id FROM bench.seen_outbox WHERE aggregate_id = '" + lead_id + "' AND aggregate_seq = 1)";
  add(Learn(suite_, "outbox", "id = " + first_event, {{"id", kNextId}, {"aggregate_id", kLeadId}}));
  add(Learn(suite_, "unsent_event", "id = " + first_event, {{"id", kNextId}}));
  add(Learn(suite_, "idempotency", "true", {{"key", absl::StrCat("sha256(", kLeadId, "::text::bytea)")}}));
  add(Learn(suite_, "job",
            "subject_id = '" + lead_id + "' AND create_time = (SELECT create_time FROM bench.seen_lead)",
            {{"id", kNextId},
             {"subject_id", kLeadId},
             {"dedupe_key", absl::StrCat("'a/' || nextval('ids')::text")}}));

  std::string single = absl::StrCat("WITH l AS (INSERT INTO lead (", inserts[0].Columns(), ") VALUES (",
                                    WithLeadId(inserts[0], "NULL"), ") RETURNING id)");
  std::string transaction = absl::StrCat("BEGIN;\nINSERT INTO lead (", inserts[0].Columns(), ") VALUES (",
                                         WithLeadId(inserts[0], "NULL"), ") RETURNING id AS lead \\gset\n");
  std::string rows = "lead";
  for (std::size_t i = 1; i < inserts.size(); ++i) {
    absl::StrAppend(&single, ", t", i, " AS (INSERT INTO ", inserts[i].table, " (", inserts[i].Columns(),
                    ") SELECT ", WithLeadId(inserts[i], "l.id"), " FROM l RETURNING 1)");
    absl::StrAppend(&transaction, "INSERT INTO ", inserts[i].table, " (", inserts[i].Columns(), ") VALUES (",
                    WithLeadId(inserts[i], "(:lead)::uuid"), ");\n");
    absl::StrAppend(&rows, ", ", inserts[i].table);
  }
  std::printf("a captured lead is a row each of: %s\n", rows.c_str());
  std::ofstream(folder_ + "/single.sql") << single << " SELECT id FROM l;\n";
  std::ofstream(folder_ + "/transaction.sql") << transaction << "END;\n";
}

void Pgbench::LearnList(int owners) {
  std::ofstream(folder_ + "/list.sql") << "\\set n random(0, " << owners - 1 << ")\n"
                                       << "SELECT * FROM lead WHERE owner_id = ('00000000-0000-7000-8000-' "
                                          "|| lpad(to_hex((:n)::bigint), 12, '0'))::uuid "
                                          "ORDER BY id DESC LIMIT 51;\n";
}

double Pgbench::CaptureSingle(double seconds) { return Run("single.sql", "bench", seconds); }
double Pgbench::CaptureTransaction(double seconds) { return Run("transaction.sql", "bench", seconds); }
double Pgbench::List(double seconds) { return Run("list.sql", "guanxi_customer", seconds); }

double Pgbench::Run(const std::string& script, const std::string& schema, double seconds) {
  const std::string log = folder_ + "/pgbench.log";
  testing::Process pgbench({"env",
                            "PGOPTIONS=-c search_path=" + schema,
                            "/usr/lib/postgresql/15/bin/pgbench",
                            "-n",
                            "-M",
                            "prepared",
                            "-c",
                            "8",
                            "-j",
                            "1",
                            "-T",
                            absl::StrFormat("%.0f", seconds),
                            "-h",
                            "127.0.0.1",
                            "-p",
                            suite_.address("postgres"),
                            "-U",
                            "postgres",
                            "-f",
                            folder_ + "/" + script,
                            "postgres"},
                           log);
  const int code = pgbench.Wait();
  const std::string output = pgbench.Log();
  const std::size_t at = output.rfind("tps = ");
  if (code != 0 || at == std::string::npos || output.find("aborted") != std::string::npos)
    throw std::runtime_error("pgbench could not run " + script + ":\n" + output);
  return std::strtod(output.c_str() + at + 6, nullptr);
}

}  // namespace crm::bench
