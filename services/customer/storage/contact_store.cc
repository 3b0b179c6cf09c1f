#include "services/customer/storage/contact_store.h"

#include "common/base/text.h"
#include "services/customer/storage/columns.h"

#define CRM_CONTACT_COLUMNS                                                                          \
  "id, version, owner_id, org_unit_id, customer_id, name, title, phones, emails, roles, influence, " \
  "attitude, "                                                                                       \
  "create_time, update_time"

namespace crm::customer {
namespace {

constexpr db::Statement kLoad{"load_contacts",
                              "SELECT " CRM_CONTACT_COLUMNS " FROM contact WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kList{"list_contacts",
                              "SELECT " CRM_CONTACT_COLUMNS
                              " FROM contact WHERE customer_id = $1 "
                              "AND (name_key, id) > ($2, $3::uuid) ORDER BY name_key, id LIMIT $4"};

constexpr db::Statement kInsert{"insert_contacts", R"(
INSERT INTO contact (id, version, owner_id, org_unit_id, customer_id, name, name_key, title, phones, emails, roles,
                     influence, attitude, create_time, update_time)
SELECT u.id, u.version, u.owner_id, u.org_unit_id, u.customer_id, u.name, u.name_key, u.title,
       string_to_array(u.phones, chr(31)), string_to_array(u.emails, chr(31)), string_to_array(u.roles, chr(31)),
       u.influence, u.attitude, $14, $14
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::int[], $13::text[])
       AS u(id, version, owner_id, org_unit_id, customer_id, name, name_key, title, phones, emails, roles, influence,
            attitude)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_contacts", R"(
UPDATE contact c
   SET version = u.version, owner_id = u.owner_id, org_unit_id = u.org_unit_id, name = u.name, name_key = u.name_key,
       title = u.title, phones = string_to_array(u.phones, chr(31)), emails = string_to_array(u.emails, chr(31)),
       roles = string_to_array(u.roles, chr(31)), influence = u.influence, attitude = u.attitude, update_time = $14
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::int[], $13::text[], $15::bigint[])
       AS u(id, version, owner_id, org_unit_id, customer_id, name, name_key, title, phones, emails, roles, influence,
            attitude, loaded_version)
 WHERE c.id = u.id AND c.version = u.loaded_version
RETURNING c.id)"};

std::string PackedRoles(const std::vector<PurchaseRole>& roles) {
  std::vector<std::string> words;
  for (PurchaseRole role : roles) words.emplace_back(Word(role));
  return Packed(words);
}

template <class... More>
bool Write(db::Transaction& tx, const db::Statement& statement, const std::vector<const Contact*>& rows,
           const More&... more) {
  if (rows.empty()) return true;
  using C = Contact;
  const auto column = [&rows](auto get) { return Column(rows, get); };
  const db::Rows written = tx.Query(
      statement,
      {column([](const C& c) { return c.id; }), column([](const C& c) { return c.version; }),
       column([](const C& c) { return c.owner_id; }), column([](const C& c) { return c.org_unit_id; }),
       column([](const C& c) { return c.customer_id; }), column([](const C& c) { return c.profile.name; }),
       column([](const C& c) { return text::Normalise(c.profile.name); }),
       column([](const C& c) { return c.profile.title; }),
       column([](const C& c) { return Packed(c.profile.phones); }),
       column([](const C& c) { return Packed(c.profile.emails); }),
       column([](const C& c) { return PackedRoles(c.profile.roles); }),
       column([](const C& c) { return c.profile.influence; }),
       column([](const C& c) { return Word(c.profile.attitude); }), tx.now(), more...});
  return written.size() == static_cast<int>(rows.size());
}

Contact ReadContact(db::Row row) {
  Contact contact;
  ContactProfile& profile = contact.profile;
  contact.id = row.Next<Uuid>();
  contact.version = row.Next<std::int64_t>();
  contact.owner_id = row.Next<Uuid>();
  contact.org_unit_id = row.Next<Uuid>();
  contact.customer_id = row.Next<Uuid>();
  profile.name = row.Next<std::string>();
  profile.title = row.Next<std::string>();
  profile.phones = row.Next<std::vector<std::string>>();
  profile.emails = row.Next<std::vector<std::string>>();
  for (const std::string& role : row.Next<std::vector<std::string>>())
    profile.roles.push_back(FromWord<PurchaseRole>(role).value());
  profile.influence = row.Next<int>();
  profile.attitude = FromWord<Attitude>(row.Next<std::string>()).value();
  contact.create_time = row.Next<absl::Time>();
  contact.update_time = row.Next<absl::Time>();
  return contact;
}

}  // namespace

work::Tracked<Contact> ContactStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Contact> contacts;
  if (ids.empty()) return contacts;
  for (db::Row row : tx_.Query(kLoad, {ids})) contacts.AddLoaded(ReadContact(row));
  return contacts;
}

std::vector<Contact> ContactStore::List(const Uuid& customer_id, const std::string& name, const Uuid& id,
                                        int limit) {
  std::vector<Contact> contacts;
  for (db::Row row : tx_.Query(kList, {customer_id, text::Normalise(name), id, limit}))
    contacts.push_back(ReadContact(row));
  return contacts;
}

bool ContactStore::Save(const work::Tracked<Contact>& contacts) {
  const ChangedRows<Contact> changed(contacts);
  return Write(tx_, kInsert, contacts.Added()) && Write(tx_, kUpdate, changed.rows, changed.loaded_versions);
}

}  // namespace crm::customer
