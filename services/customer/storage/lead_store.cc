#include "services/customer/storage/lead_store.h"

#include <algorithm>

#include "services/customer/storage/columns.h"
#include "services/customer/storage/lead_rows.h"

namespace crm::customer {
namespace {

constexpr db::Statement kLoad{"load_leads",
                              "SELECT " CRM_LEAD_COLUMNS " FROM lead l WHERE l.id = ANY($1::uuid[])"};

#define CRM_KNOWN_LEADS "SELECT " CRM_LEAD_COLUMNS ", l.email_key, l.phone_key, l.company_key, l.contact_key "
#define CRM_OPEN "state NOT IN ('CONVERTED', 'DISQUALIFIED')"

// Key by key, so that one that everybody shares costs no more than its share. The ids are an array, which is
// made once: as a subquery the planner would make them anew for each lead, when it takes the table for empty.
constexpr db::Statement kFindKnown{"find_known_leads", CRM_KNOWN_LEADS R"(
  FROM lead l WHERE l.id = ANY(ARRAY(
    SELECT id FROM lead WHERE external_id = ANY($1::text[]) AND external_id <> ''
    UNION ALL
    SELECT a.id FROM unnest($2::text[]) AS k(email) CROSS JOIN LATERAL (
      SELECT id FROM lead WHERE email_key = k.email AND email_key <> '' AND )" CRM_OPEN R"( LIMIT $6) a
    UNION ALL
    SELECT a.id FROM unnest($3::text[]) AS k(phone) CROSS JOIN LATERAL (
      SELECT id FROM lead WHERE phone_key = k.phone AND phone_key <> '' AND )" CRM_OPEN R"( LIMIT $6) a
    UNION ALL
    SELECT a.id FROM unnest($4::text[], $5::text[]) AS k(company, contact) CROSS JOIN LATERAL (
      SELECT id FROM lead
       WHERE company_key = k.company AND contact_key = k.contact AND company_key <> '' AND )" CRM_OPEN R"(
       LIMIT $6) a)))"};

constexpr db::Statement kFindSame{"find_same_leads", CRM_KNOWN_LEADS R"(
  FROM lead l WHERE l.fingerprint = ANY($1::uuid[]) AND l.fingerprint IS NOT NULL AND l.)" CRM_OPEN};

constexpr db::Statement kFindByExternalId{"find_leads_by_external_id", CRM_KNOWN_LEADS R"(
  FROM lead l WHERE l.external_id = ANY($1::text[]) AND l.external_id <> '')"};

constexpr db::Statement kInsert{"insert_leads", R"(
INSERT INTO lead (id, version, org_unit_id, external_id, company, contact, phone, email, source, region, industry,
                  size, campaign, note, attributes, email_key, phone_key, company_key, contact_key, fingerprint,
                  possible_duplicate_of, import_id, occurred_time, history, state, verdict, grade, follow_up,
                  waiting_reason, disqualify_reason, create_time, update_time)
SELECT u.id, u.version, u.org_unit_id, u.external_id, u.company, u.contact, u.phone, u.email, u.source, u.region,
       u.industry, u.size, u.campaign, u.note, jsonb_object(string_to_array(u.attributes, chr(31))), u.email_key,
       u.phone_key, u.company_key, u.contact_key, u.fingerprint, u.possible_duplicate_of, u.import_id,
       u.occurred_time, u.history, 'NEW', 'UNJUDGED', '', 'NONE', '', '', $24, $24
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
              $17::text[], $18::text[], $19::text[], $20::uuid[], $21::uuid[], $22::uuid[], $23::timestamptz[],
              $25::boolean[])
       AS u(id, version, org_unit_id, external_id, company, contact, phone, email, source, region, industry, size,
            campaign, note, attributes, email_key, phone_key, company_key, contact_key, fingerprint,
            possible_duplicate_of, import_id, occurred_time, history))"};

// What people say of it, when that was corrected.
constexpr db::Statement kUpdateDetails{"update_lead_details", R"(
UPDATE lead l
   SET external_id = u.external_id, company = u.company, contact = u.contact, phone = u.phone, email = u.email,
       source = u.source, region = u.region, industry = u.industry, size = u.size, campaign = u.campaign,
       note = u.note, attributes = jsonb_object(string_to_array(u.attributes, chr(31))), email_key = u.email_key,
       phone_key = u.phone_key, company_key = u.company_key, contact_key = u.contact_key
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
              $17::text[], $18::text[])
       AS u(id, loaded_version, external_id, company, contact, phone, email, source, region, industry, size, campaign,
            note, attributes, email_key, phone_key, company_key, contact_key)
 WHERE l.id = u.id AND l.version = u.loaded_version
RETURNING l.id)"};

// Where it stands.
constexpr db::Statement kUpdate{"update_leads", R"(
UPDATE lead l
   SET version = u.version, owner_id = u.owner_id, org_unit_id = u.org_unit_id, state = u.state, verdict = u.verdict,
       waiting_since = u.waiting_since, assignment_id = u.assignment_id, follow_up = u.follow_up,
       follow_up_start = u.follow_up_start, follow_up_due = u.follow_up_due,
       follow_up_grace_end = u.follow_up_grace_end, planned_time = u.planned_time,
       passed_owner_id = u.passed_owner_id, passed_until = u.passed_until, fingerprint = u.fingerprint,
       possible_duplicate_of = u.possible_duplicate_of, grade = u.grade, waiting_reason = u.waiting_reason,
       customer_id = u.customer_id,
       opportunity_id = u.opportunity_id, disqualify_reason = u.disqualify_reason, update_time = $21
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
              $8::timestamptz[], $9::uuid[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
              $14::timestamptz[], $15::uuid[], $16::timestamptz[], $17::uuid[], $18::uuid[], $19::uuid[],
              $20::text[], $22::uuid[], $23::text[], $24::text[])
       AS u(id, loaded_version, version, owner_id, org_unit_id, state, verdict, waiting_since, assignment_id, follow_up,
            follow_up_start, follow_up_due, follow_up_grace_end, planned_time, passed_owner_id, passed_until,
            fingerprint, customer_id, opportunity_id, disqualify_reason, possible_duplicate_of, grade,
            waiting_reason)
 WHERE l.id = u.id AND l.version = u.loaded_version
RETURNING l.id)"};

// The columns that describe leads, as insert and correction share them.
struct DetailColumns {
  explicit DetailColumns(const std::vector<const Lead*>& rows) : rows(rows) {
    for (const Lead* row : rows) {
      const MatchKeys key = row->keys ? *row->keys : MatchKeysOf(row->details);
      email.push_back(key.email);
      phone.push_back(key.phone);
      company.push_back(key.company);
      contact.push_back(key.contact);
    }
  }
  auto Of(std::string LeadDetails::*field) const {
    return Column(rows, [field](const Lead& lead) { return std::string_view(lead.details.*field); });
  }
  auto Attributes() const {
    return Column(rows, [](const Lead& lead) { return Packed(lead.details.attributes); });
  }
  const std::vector<const Lead*>& rows;
  std::vector<std::string> email, phone, company, contact;
};

std::vector<Lead> ReadKnown(const db::Rows& rows) {
  std::vector<Lead> known;
  for (db::Row row : rows) {
    Lead& lead = known.emplace_back(ReadLead(row));
    MatchKeys& keys = lead.keys.emplace();
    keys.email = row.Next<std::string>();
    keys.phone = row.Next<std::string>();
    keys.company = row.Next<std::string>();
    keys.contact = row.Next<std::string>();
  }
  std::sort(known.begin(), known.end(), [](const Lead& a, const Lead& b) { return a.id < b.id; });
  return known;
}

}  // namespace

Lead ReadLead(db::Row& row) {
  Lead lead;
  LeadDetails& details = lead.details;
  const auto id_or_nil = [&] { return row.Next<std::optional<Uuid>>().value_or(Uuid()); };
  using MaybeTime = std::optional<absl::Time>;
  lead.id = row.Next<Uuid>();
  lead.version = row.Next<std::int64_t>();
  lead.owner_id = id_or_nil();
  lead.org_unit_id = row.Next<Uuid>();
  for (auto field : {&LeadDetails::external_id, &LeadDetails::company, &LeadDetails::contact,
                     &LeadDetails::phone, &LeadDetails::email, &LeadDetails::source, &LeadDetails::region,
                     &LeadDetails::industry, &LeadDetails::size, &LeadDetails::campaign, &LeadDetails::note})
    details.*field = row.Next<std::string>();
  details.attributes = Unpacked(row.Next<std::vector<std::string>>());
  lead.state = FromWord<LeadState>(row.Next<std::string>()).value();
  lead.verdict = FromWord<LeadVerdict>(row.Next<std::string>()).value();
  lead.grade = row.Next<std::string>();
  lead.history = row.Next<bool>();
  lead.waiting_since = row.Next<MaybeTime>();
  lead.waiting_reason = row.Next<std::string>();
  lead.assignment_id = id_or_nil();
  lead.follow_up = FromWord<FollowUp>(row.Next<std::string>()).value();
  lead.follow_up_start = row.Next<MaybeTime>();
  lead.follow_up_due = row.Next<MaybeTime>();
  lead.follow_up_grace_end = row.Next<MaybeTime>();
  lead.planned_time = row.Next<MaybeTime>();
  lead.passed_owner_id = id_or_nil();
  lead.passed_until = row.Next<MaybeTime>();
  lead.fingerprint = row.Next<std::optional<Uuid>>();
  lead.possible_duplicate_of = id_or_nil();
  lead.import_id = id_or_nil();
  lead.customer_id = id_or_nil();
  lead.opportunity_id = id_or_nil();
  lead.disqualify_reason = row.Next<std::string>();
  lead.occurred_time = row.Next<absl::Time>();
  lead.create_time = row.Next<absl::Time>();
  lead.update_time = row.Next<absl::Time>();
  return lead;
}

work::Tracked<Lead> LeadStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Lead> leads;
  if (ids.empty()) return leads;
  for (db::Row row : tx_.Query(kLoad, {ids})) leads.AddLoaded(ReadLead(row));
  return leads;
}

std::vector<Lead> LeadStore::FindKnown(const std::vector<std::string>& external_ids,
                                       const MatchKeySet& keys) {
  if (keys.empty() && external_ids.empty()) return {};
  if (keys.empty()) return ReadKnown(tx_.Query(kFindByExternalId, {external_ids}));
  std::vector<std::string_view> companies, contacts;
  for (const auto& [company, contact] : keys.names) {
    companies.push_back(company);
    contacts.push_back(contact);
  }
  return ReadKnown(
      tx_.Query(kFindKnown, {external_ids, keys.emails, keys.phones, companies, contacts, kMostAlike}));
}

std::vector<Lead> LeadStore::FindSame(const std::vector<Uuid>& fingerprints) {
  return ReadKnown(tx_.Query(kFindSame, {fingerprints}));
}

bool LeadStore::Save(const work::Tracked<Lead>& leads) {
  Insert(leads.Added());
  return UpdateDetails(leads) && Update(leads);
}

void LeadStore::Insert(const std::vector<const Lead*>& rows) {
  if (rows.empty()) return;
  using D = LeadDetails;
  const DetailColumns details(rows);
  tx_.Query(kInsert, {Column(rows, [](const Lead& l) { return l.id; }),
                      Column(rows, [](const Lead& l) { return l.version; }),
                      Column(rows, [](const Lead& l) { return l.org_unit_id; }),
                      details.Of(&D::external_id),
                      details.Of(&D::company),
                      details.Of(&D::contact),
                      details.Of(&D::phone),
                      details.Of(&D::email),
                      details.Of(&D::source),
                      details.Of(&D::region),
                      details.Of(&D::industry),
                      details.Of(&D::size),
                      details.Of(&D::campaign),
                      details.Of(&D::note),
                      details.Attributes(),
                      details.email,
                      details.phone,
                      details.company,
                      details.contact,
                      Column(rows, [](const Lead& l) { return l.fingerprint; }),
                      Column(rows, [](const Lead& l) { return NullIfNil(l.possible_duplicate_of); }),
                      Column(rows, [](const Lead& l) { return NullIfNil(l.import_id); }),
                      Column(rows, [](const Lead& l) { return l.occurred_time; }),
                      tx_.now(),
                      Column(rows, [](const Lead& l) { return l.history; })});
}

bool LeadStore::UpdateDetails(const work::Tracked<Lead>& leads) {
  ChangedRows<Lead> changed(leads);
  std::vector<const Lead*> rows;
  std::vector<std::int64_t> versions;
  for (std::size_t i = 0; i < changed.rows.size(); ++i) {
    if (!changed.rows[i]->details_changed) continue;
    rows.push_back(changed.rows[i]);
    versions.push_back(changed.loaded_versions[i]);
  }
  if (rows.empty()) return true;
  using D = LeadDetails;
  const DetailColumns details(rows);
  return tx_.Query(kUpdateDetails,
                   {Column(rows, [](const Lead& l) { return l.id; }), versions, details.Of(&D::external_id),
                    details.Of(&D::company), details.Of(&D::contact), details.Of(&D::phone),
                    details.Of(&D::email), details.Of(&D::source), details.Of(&D::region),
                    details.Of(&D::industry), details.Of(&D::size), details.Of(&D::campaign),
                    details.Of(&D::note), details.Attributes(), details.email, details.phone, details.company,
                    details.contact})
             .size() == static_cast<int>(rows.size());
}

bool LeadStore::Update(const work::Tracked<Lead>& leads) {
  const ChangedRows<Lead> changed(leads);
  const auto& rows = changed.rows;
  if (rows.empty()) return true;
  return tx_.Query(kUpdate, {Column(rows, [](const Lead& l) { return l.id; }),
                             changed.loaded_versions,
                             Column(rows, [](const Lead& l) { return l.version; }),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.owner_id); }),
                             Column(rows, [](const Lead& l) { return l.org_unit_id; }),
                             Column(rows, [](const Lead& l) { return Word(l.state); }),
                             Column(rows, [](const Lead& l) { return Word(l.verdict); }),
                             Column(rows, [](const Lead& l) { return l.waiting_since; }),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.assignment_id); }),
                             Column(rows, [](const Lead& l) { return Word(l.follow_up); }),
                             Column(rows, [](const Lead& l) { return l.follow_up_start; }),
                             Column(rows, [](const Lead& l) { return l.follow_up_due; }),
                             Column(rows, [](const Lead& l) { return l.follow_up_grace_end; }),
                             Column(rows, [](const Lead& l) { return l.planned_time; }),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.passed_owner_id); }),
                             Column(rows, [](const Lead& l) { return l.passed_until; }),
                             Column(rows, [](const Lead& l) { return l.fingerprint; }),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.customer_id); }),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.opportunity_id); }),
                             Column(rows, [](const Lead& l) { return l.disqualify_reason; }),
                             tx_.now(),
                             Column(rows, [](const Lead& l) { return NullIfNil(l.possible_duplicate_of); }),
                             Column(rows, [](const Lead& l) { return l.grade; }),
                             Column(rows, [](const Lead& l) { return l.waiting_reason; })})
             .size() == static_cast<int>(rows.size());
}

}  // namespace crm::customer
