#include "services/opportunity/storage/process_store.h"

#include "absl/strings/str_cat.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_PROCESS_COLUMNS                                                              \
  "p.id, p.key, p.number, p.name, p.owner_id, p.org_unit_id, p.version, p.create_time, " \
  "s.key, s.name, s.probability_percent, s.forecast, s.gates, s.expected_days, s.maximum_days, s.guidance"

constexpr db::Statement kLoad{"load_sales_processes",
                              "SELECT " CRM_PROCESS_COLUMNS
                              " FROM sales_process p JOIN sales_stage s ON s.process_id = p.id "
                              "WHERE p.id = ANY($1::uuid[]) ORDER BY p.id, s.ordinal"};

constexpr db::Statement kLoadNewest{"load_newest_sales_processes",
                                    "SELECT " CRM_PROCESS_COLUMNS
                                    " FROM sales_process p JOIN sales_stage s ON s.process_id = p.id "
                                    "WHERE p.id IN (SELECT DISTINCT ON (key) id FROM sales_process "
                                    "                WHERE key = ANY($1::text[]) ORDER BY key, number DESC) "
                                    "ORDER BY p.id, s.ordinal"};

constexpr db::Statement kList{
    "list_sales_processes",
    "SELECT " CRM_PROCESS_COLUMNS
    " FROM (SELECT id, key, number, name, owner_id, org_unit_id, version, create_time FROM sales_process "
    "        WHERE ($1::uuid IS NULL OR owner_id = $1) AND ($2 = '' OR key = $2) "
    "          AND ($3::timestamptz IS NULL OR (create_time, id) < ($3, $4::uuid)) "
    "        ORDER BY create_time DESC, id DESC LIMIT $5) p "
    "JOIN sales_stage s ON s.process_id = p.id ORDER BY p.create_time DESC, p.id DESC, s.ordinal"};

constexpr db::Statement kInsert{"insert_sales_processes", R"(
INSERT INTO sales_process (id, key, number, name, owner_id, org_unit_id, version, create_time, update_time)
SELECT u.id, u.key, u.number, u.name, u.owner_id, u.org_unit_id, u.version, $8, $8
  FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[])
       AS u(id, key, number, name, owner_id, org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kInsertStages{"insert_sales_stages", R"(
INSERT INTO sales_stage (process_id, ordinal, key, name, probability_percent, forecast, gates, expected_days,
                         maximum_days, guidance)
SELECT u.process_id, u.ordinal, u.key, u.name, u.probability_percent, u.forecast, string_to_array(u.gates, chr(31)),
       u.expected_days, u.maximum_days, u.guidance
  FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
              $8::integer[], $9::integer[], $10::text[])
       AS u(process_id, ordinal, key, name, probability_percent, forecast, gates, expected_days, maximum_days,
            guidance))"};

Stage ReadStage(db::Row& row) {
  Stage stage;
  stage.key = row.Next<std::string>();
  stage.name = row.Next<std::string>();
  stage.probability_percent = row.Next<int>();
  stage.forecast = FromName<ForecastCategory>(row.Next<std::string>()).value();
  for (const std::string& gate : row.Next<std::vector<std::string>>()) {
    const auto [kind, value] = Halves(gate);
    stage.gates.push_back({FromName<Gate::Kind>(kind).value(), std::string(value)});
  }
  stage.expected_days = row.Next<int>();
  stage.maximum_days = row.Next<int>();
  stage.guidance = row.Next<std::string>();
  return stage;
}

// One row per stage, the stages of a process together and in order.
std::vector<SalesProcess> ReadProcesses(const db::Rows& rows) {
  std::vector<SalesProcess> processes;
  for (db::Row row : rows) {
    SalesProcess process;
    process.id = row.Next<Uuid>();
    process.key = row.Next<std::string>();
    process.number = row.Next<int>();
    process.name = row.Next<std::string>();
    process.owner_id = row.Next<Uuid>();
    process.org_unit_id = row.Next<Uuid>();
    process.version = row.Next<std::int64_t>();
    process.create_time = row.Next<absl::Time>();
    if (processes.empty() || processes.back().id != process.id) processes.push_back(std::move(process));
    processes.back().stages.push_back(ReadStage(row));
  }
  return processes;
}

std::string GateText(const Gate& gate) { return std::string(Name(gate.kind)) + ":" + gate.value; }

}  // namespace

work::Tracked<SalesProcess> ProcessStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<SalesProcess> processes;
  if (ids.empty()) return processes;
  for (SalesProcess& process : ReadProcesses(tx_.Query(kLoad, {ids})))
    processes.AddLoaded(std::move(process));
  return processes;
}

std::map<std::string, SalesProcess> ProcessStore::LoadNewest(const std::vector<std::string>& keys) {
  std::map<std::string, SalesProcess> newest;
  if (keys.empty()) return newest;
  for (SalesProcess& process : ReadProcesses(tx_.Query(kLoadNewest, {keys}))) {
    std::string key = process.key;
    newest.emplace(std::move(key), std::move(process));
  }
  return newest;
}

std::vector<SalesProcess> ProcessStore::List(const auth::Scope& scope, const std::string& key,
                                             const Page& page) {
  return ReadProcesses(tx_.Query(kList, {scope.owner(), key, TimeOf(page), IdOf(page), page.limit}));
}

bool ProcessStore::Insert(const work::Tracked<SalesProcess>& processes) {
  const auto rows = processes.Added();
  if (rows.empty()) return true;
  using P = SalesProcess;
  const auto inserted =
      tx_.Query(kInsert, {Column(rows, &P::id), Column(rows, &P::key), Column(rows, &P::number),
                          Column(rows, &P::name), Column(rows, &P::owner_id), Column(rows, &P::org_unit_id),
                          Column(rows, &P::version), tx_.now()});
  if (inserted.size() != static_cast<int>(rows.size())) return false;

  std::vector<const Stage*> stages;
  std::vector<Uuid> process_ids;
  std::vector<int> ordinals;
  std::vector<std::string> gates;
  for (const P* process : rows)
    for (const Stage& stage : process->stages) {
      process_ids.push_back(process->id);
      ordinals.push_back(static_cast<int>(&stage - process->stages.data()));
      stages.push_back(&stage);
      std::vector<std::string> texts;
      for (const Gate& gate : stage.gates) texts.push_back(GateText(gate));
      gates.push_back(Packed(texts));
    }
  tx_.Query(kInsertStages, {process_ids, ordinals, Column(stages, &Stage::key), Column(stages, &Stage::name),
                            Column(stages, &Stage::probability_percent),
                            Column(stages, [](const Stage& s) { return Name(s.forecast); }), gates,
                            Column(stages, &Stage::expected_days), Column(stages, &Stage::maximum_days),
                            Column(stages, &Stage::guidance)});
  return true;
}

}  // namespace crm::opportunity
