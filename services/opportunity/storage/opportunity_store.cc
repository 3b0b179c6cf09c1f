#include "services/opportunity/storage/opportunity_store.h"

#include "absl/strings/str_cat.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_OPPORTUNITY_COLUMNS                                                                              \
  "id, external_id, customer_id, customer_name, name, amount_minor, currency, expected_close, grade, "       \
  "budget, need, "                                                                                           \
  "interest, competitors, contact_roles, product_ids, product_names, source, campaign, lead_id, import_id, " \
  "process_id, stage, stage_entered_time, status, close_reason, close_note, open_time, close_time, "         \
  "owner_id, "                                                                                               \
  "org_unit_id, version, create_time, update_time"

constexpr db::Statement kLoad{
    "load_opportunities", "SELECT " CRM_OPPORTUNITY_COLUMNS " FROM opportunity WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kLoadByExternalId{"load_opportunities_by_external_id",
                                          "SELECT " CRM_OPPORTUNITY_COLUMNS
                                          " FROM opportunity WHERE external_id = ANY($1::text[])"};

constexpr db::Statement kFindByExternalId{
    "find_opportunities_by_external_id",
    "SELECT external_id, id FROM opportunity WHERE external_id = ANY($1::text[])"};

constexpr db::Statement kLoadEvidence{
    "load_opportunity_evidence",
    "SELECT DISTINCT subject_id, kind FROM activity WHERE subject_id = ANY($1::uuid[]) "
    "AND subject_type = 'opportunity' AND status = 'COMPLETED'"};

constexpr db::Statement kList{"list_opportunities", "SELECT " CRM_OPPORTUNITY_COLUMNS R"( FROM opportunity
 WHERE ($1::uuid IS NULL OR owner_id = $1) AND ($2::uuid IS NULL OR owner_id = $2)
   AND ($3::uuid IS NULL OR org_unit_id = $3) AND ($4::uuid IS NULL OR customer_id = $4)
   AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR stage = $6)
   AND ($7::text IS NULL OR external_id = $7)
   AND ($8::timestamptz IS NULL OR (create_time, id) < ($8, $9::uuid))
 ORDER BY create_time DESC, id DESC LIMIT $10)"};

constexpr db::Statement kMoves{"list_opportunity_moves", R"(
SELECT opportunity_id, sequence, from_stage, to_stage, move_time, gates_skipped, actor_id
  FROM opportunity_move WHERE opportunity_id = $1 ORDER BY sequence)"};

#define CRM_OPPORTUNITY_UNNEST                                                                              \
  "unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], "           \
  "$8::date[], "                                                                                            \
  "$9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], " \
  "$17::text[], $18::text[], $19::uuid[], $20::uuid[], $21::uuid[], $22::text[], $23::timestamptz[], "      \
  "$24::text[], "                                                                                           \
  "$25::text[], $26::text[], $27::timestamptz[], $28::timestamptz[], $29::uuid[], $30::uuid[], "            \
  "$31::bigint[]"
#define CRM_OPPORTUNITY_ALIAS                                                                               \
  "AS u(id, external_id, customer_id, customer_name, name, amount_minor, currency, expected_close, grade, " \
  "budget, "                                                                                                \
  "need, interest, competitors, contact_roles, product_ids, product_names, source, campaign, lead_id, "     \
  "import_id, "                                                                                             \
  "process_id, stage, stage_entered_time, status, close_reason, close_note, open_time, close_time, "        \
  "owner_id, "                                                                                              \
  "org_unit_id, version"

constexpr db::Statement kInsert{"insert_opportunities",
                                "INSERT INTO opportunity (" CRM_OPPORTUNITY_COLUMNS R"()
SELECT u.id, u.external_id, u.customer_id, u.customer_name, u.name, u.amount_minor, u.currency, u.expected_close,
       u.grade, u.budget, u.need, u.interest, u.competitors, string_to_array(u.contact_roles, chr(31)),
       string_to_array(u.product_ids, chr(31))::uuid[], string_to_array(u.product_names, chr(31)), u.source,
       u.campaign, u.lead_id, u.import_id, u.process_id, u.stage, u.stage_entered_time, u.status, u.close_reason,
       u.close_note, u.open_time, u.close_time, u.owner_id, u.org_unit_id, u.version, $32, $32
  FROM )" CRM_OPPORTUNITY_UNNEST ") " CRM_OPPORTUNITY_ALIAS R"()
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_opportunities", R"(
UPDATE opportunity o
   SET external_id = u.external_id, customer_id = u.customer_id, customer_name = u.customer_name, name = u.name,
       amount_minor = u.amount_minor, currency = u.currency, expected_close = u.expected_close, grade = u.grade,
       budget = u.budget, need = u.need, interest = u.interest, competitors = u.competitors,
       contact_roles = string_to_array(u.contact_roles, chr(31)),
       product_ids = string_to_array(u.product_ids, chr(31))::uuid[],
       product_names = string_to_array(u.product_names, chr(31)), source = u.source, campaign = u.campaign,
       lead_id = u.lead_id, import_id = u.import_id, process_id = u.process_id, stage = u.stage,
       stage_entered_time = u.stage_entered_time, status = u.status, close_reason = u.close_reason,
       close_note = u.close_note, open_time = u.open_time, close_time = u.close_time, owner_id = u.owner_id,
       org_unit_id = u.org_unit_id, version = u.version, update_time = $32
  FROM )" CRM_OPPORTUNITY_UNNEST ", $33::bigint[]) " CRM_OPPORTUNITY_ALIAS R"(, loaded_version)
 WHERE o.id = u.id AND o.version = u.loaded_version
RETURNING o.id)"};

constexpr db::Statement kAppendMoves{"append_opportunity_moves", R"(
INSERT INTO opportunity_move (opportunity_id, sequence, from_stage, to_stage, move_time, gates_skipped, actor_id)
SELECT u.opportunity_id, u.sequence, u.from_stage, u.to_stage, u.move_time, u.gates_skipped, u.actor_id
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[], $7::uuid[])
       AS u(opportunity_id, sequence, from_stage, to_stage, move_time, gates_skipped, actor_id))"};

template <class... More>
db::Rows Write(db::Transaction& tx, const db::Statement& statement,
               const std::vector<const Opportunity*>& rows, const More&... more) {
  using O = Opportunity;
  const auto column = [&](auto get) { return Column(rows, get); };
  const auto detail = [&](auto member) {
    return Column(rows, [member](const O& o) { return o.details.*member; });
  };
  const auto roles = [](const O& o) {
    std::vector<std::string> texts;
    for (const ContactRole& r : o.details.contact_roles)
      texts.push_back(r.contact_id.ToString() + ":" + r.role);
    return Packed(texts);
  };
  const auto products = [](const O& o) {
    std::vector<std::string> texts;
    for (const Uuid& id : o.details.product_ids) texts.push_back(id.ToString());
    return Packed(texts);
  };
  return tx.Query(statement, {column(&O::id),
                              column([](const O& o) { return NullIfEmpty(o.external_id); }),
                              column(&O::customer_id),
                              column(&O::customer_name),
                              detail(&Details::name),
                              column([](const O& o) { return MinorOf(o.details.amount); }),
                              column([](const O& o) { return CurrencyOf(o.details.amount); }),
                              column([](const O& o) { return o.details.expected_close; }),
                              column([](const O& o) { return Name(o.details.grade); }),
                              detail(&Details::budget),
                              detail(&Details::need),
                              detail(&Details::interest),
                              detail(&Details::competitors),
                              column(roles),
                              column(products),
                              column([](const O& o) { return Packed(o.details.product_names); }),
                              column(&O::source),
                              column(&O::campaign),
                              column(&O::lead_id),
                              column(&O::import_id),
                              column(&O::process_id),
                              column(&O::stage),
                              column(&O::stage_entered_time),
                              column([](const O& o) { return Name(o.status); }),
                              column(&O::close_reason),
                              column(&O::close_note),
                              column(&O::open_time),
                              column(&O::close_time),
                              column(&O::owner_id),
                              column(&O::org_unit_id),
                              column(&O::version),
                              tx.now(),
                              more...});
}

Opportunity ReadOpportunity(db::Row row) {
  Opportunity o;
  Details& d = o.details;
  o.id = row.Next<Uuid>();
  o.external_id = row.Next<std::optional<std::string>>().value_or("");
  o.customer_id = row.Next<std::optional<Uuid>>();
  o.customer_name = row.Next<std::string>();
  d.name = row.Next<std::string>();
  d.amount = ReadMoney(row);
  d.expected_close = row.Next<std::optional<absl::CivilDay>>();
  d.grade = FromName<Grade>(row.Next<std::string>()).value();
  d.budget = row.Next<std::string>();
  d.need = row.Next<std::string>();
  d.interest = row.Next<std::string>();
  d.competitors = row.Next<std::string>();
  for (const std::string& text : row.Next<std::vector<std::string>>()) {
    const auto [id, role] = Halves(text);
    d.contact_roles.push_back({Uuid::Parse(id).value(), std::string(role)});
  }
  d.product_ids = row.Next<std::vector<Uuid>>();
  d.product_names = row.Next<std::vector<std::string>>();
  o.source = row.Next<std::string>();
  o.campaign = row.Next<std::string>();
  o.lead_id = row.Next<std::optional<Uuid>>();
  o.import_id = row.Next<std::optional<Uuid>>();
  o.process_id = row.Next<Uuid>();
  o.stage = row.Next<std::string>();
  o.stage_entered_time = row.Next<absl::Time>();
  o.status = FromName<Status>(row.Next<std::string>()).value();
  o.close_reason = row.Next<std::string>();
  o.close_note = row.Next<std::string>();
  o.open_time = row.Next<absl::Time>();
  o.close_time = row.Next<std::optional<absl::Time>>();
  o.owner_id = row.Next<Uuid>();
  o.org_unit_id = row.Next<Uuid>();
  o.version = row.Next<std::int64_t>();
  o.create_time = row.Next<absl::Time>();
  o.update_time = row.Next<absl::Time>();
  return o;
}

}  // namespace

work::Tracked<Opportunity> OpportunityStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Opportunity> opportunities;
  if (ids.empty()) return opportunities;
  for (db::Row row : tx_.Query(kLoad, {ids})) opportunities.AddLoaded(ReadOpportunity(row));
  return opportunities;
}

work::Tracked<Opportunity> OpportunityStore::LoadByExternalId(const std::vector<std::string>& external_ids) {
  work::Tracked<Opportunity> opportunities;
  if (external_ids.empty()) return opportunities;
  for (db::Row row : tx_.Query(kLoadByExternalId, {external_ids}))
    opportunities.AddLoaded(ReadOpportunity(row));
  return opportunities;
}

std::map<std::string, Uuid> OpportunityStore::FindByExternalId(const std::vector<std::string>& external_ids) {
  std::map<std::string, Uuid> found;
  if (external_ids.empty()) return found;
  for (db::Row row : tx_.Query(kFindByExternalId, {external_ids})) {
    std::string external_id = row.Next<std::string>();
    found.emplace(std::move(external_id), row.Next<Uuid>());
  }
  return found;
}

std::map<Uuid, Evidence> OpportunityStore::LoadEvidence(const std::vector<Uuid>& ids) {
  std::map<Uuid, Evidence> evidence;
  if (ids.empty()) return evidence;
  for (db::Row row : tx_.Query(kLoadEvidence, {ids})) {
    const Uuid id = row.Next<Uuid>();
    evidence[id].push_back(FromName<Activity::Kind>(row.Next<std::string>()).value());
  }
  return evidence;
}

std::vector<Opportunity> OpportunityStore::List(const auth::Scope& scope, const OpportunityFilter& filter,
                                                const Page& page) {
  std::vector<Opportunity> opportunities;
  const auto status = filter.status ? std::optional(Name(*filter.status)) : std::nullopt;
  for (db::Row row : tx_.Query(kList, {scope.owner(), filter.owner_id, filter.org_unit_id, filter.customer_id,
                                       status, NullIfEmpty(filter.stage), NullIfEmpty(filter.external_id),
                                       TimeOf(page), IdOf(page), page.limit}))
    opportunities.push_back(ReadOpportunity(row));
  return opportunities;
}

std::vector<StageMove> OpportunityStore::Moves(const Uuid& id) {
  std::vector<StageMove> moves;
  for (db::Row row : tx_.Query(kMoves, {id})) {
    StageMove& move = moves.emplace_back();
    move.opportunity_id = row.Next<Uuid>();
    move.sequence = row.Next<std::int64_t>();
    move.from_stage = row.Next<std::string>();
    move.to_stage = row.Next<std::string>();
    move.time = row.Next<absl::Time>();
    move.gates_skipped = row.Next<bool>();
    move.actor_id = row.Next<Uuid>();
  }
  return moves;
}

bool OpportunityStore::Save(const work::Tracked<Opportunity>& opportunities,
                            const std::vector<StageMove>& moves) {
  if (const auto added = opportunities.Added(); !added.empty())
    if (Write(tx_, kInsert, added).size() != static_cast<int>(added.size())) return false;
  if (const ChangedRows<Opportunity> changed(opportunities); !changed.rows.empty())
    if (Write(tx_, kUpdate, changed.rows, changed.loaded_versions).size() !=
        static_cast<int>(changed.rows.size()))
      return false;
  if (moves.empty()) return true;
  using M = StageMove;
  tx_.Query(kAppendMoves,
            {Column(moves, &M::opportunity_id), Column(moves, &M::sequence), Column(moves, &M::from_stage),
             Column(moves, &M::to_stage), Column(moves, &M::time), Column(moves, &M::gates_skipped),
             Column(moves, &M::actor_id)});
  return true;
}

}  // namespace crm::opportunity
