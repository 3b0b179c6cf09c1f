#include "services/customer/storage/contact_store.h"

#include "services/customer/storage/columns.h"

#define CRM_CONTACT_COLUMNS                                                                                     \
  "customer_id, id, name, title, department, phone, mobile, email, wechat, roles, influence, attitude, note, " \
  "version, create_time, update_time"

namespace crm::customer {
namespace {

constexpr db::Statement kLoad{
    "load_contacts",
    "SELECT " CRM_CONTACT_COLUMNS " FROM contact WHERE customer_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])"};

constexpr db::Statement kList{
    "list_contacts",
    "SELECT " CRM_CONTACT_COLUMNS " FROM contact WHERE customer_id = $1 AND id > $2 ORDER BY id LIMIT $3"};

constexpr db::Statement kInsert{"insert_contacts", R"(
INSERT INTO contact (customer_id, id, name, title, department, phone, mobile, email, wechat, roles, influence,
                     attitude, note, version, create_time, update_time)
SELECT u.customer_id, u.id, u.name, u.title, u.department, u.phone, u.mobile, u.email, u.wechat,
       string_to_array(u.roles, chr(31)), u.influence, u.attitude, u.note, u.version, $15, $15
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::smallint[], $12::text[], $13::text[], $14::bigint[])
       AS u(customer_id, id, name, title, department, phone, mobile, email, wechat, roles, influence, attitude, note,
            version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_contacts", R"(
UPDATE contact c
   SET name = u.name, title = u.title, department = u.department, phone = u.phone, mobile = u.mobile,
       email = u.email, wechat = u.wechat, roles = string_to_array(u.roles, chr(31)), influence = u.influence,
       attitude = u.attitude, note = u.note, version = u.version, update_time = $15
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::smallint[], $12::text[], $13::text[], $14::bigint[], $16::bigint[])
       AS u(customer_id, id, name, title, department, phone, mobile, email, wechat, roles, influence, attitude, note,
            version, loaded_version)
 WHERE c.customer_id = u.customer_id AND c.id = u.id AND c.version = u.loaded_version
RETURNING c.id)"};

std::string Packed(const std::vector<PurchaseRole>& roles) {
  std::vector<std::string_view> words;
  for (PurchaseRole role : roles) words.push_back(Word(role));
  return customer::Packed(words);
}

template <class... More>
bool Write(db::Transaction& tx, const db::Statement& statement, const std::vector<const Contact*>& rows,
           const More&... more) {
  if (rows.empty()) return true;
  const auto profile = [&rows](auto ContactProfile::*field) {
    return Column(rows, [field](const Contact& c) { return c.profile.*field; });
  };
  using P = ContactProfile;
  const db::Rows written = tx.Query(
      statement,
      {Column(rows, [](const Contact& c) { return c.customer_id; }),
       Column(rows, [](const Contact& c) { return c.id; }), profile(&P::name), profile(&P::title),
       profile(&P::department), profile(&P::phone), profile(&P::mobile), profile(&P::email), profile(&P::wechat),
       Column(rows, [](const Contact& c) { return Packed(c.profile.roles); }), profile(&P::influence),
       Column(rows, [](const Contact& c) { return Word(c.profile.attitude); }), profile(&P::note),
       Column(rows, [](const Contact& c) { return c.version; }), tx.now(), more...});
  return written.size() == static_cast<int>(rows.size());
}

Contact ReadContact(db::Row row) {
  Contact contact;
  ContactProfile& profile = contact.profile;
  contact.customer_id = row.Next<Uuid>();
  contact.id = row.Next<Uuid>();
  profile.name = row.Next<std::string>();
  profile.title = row.Next<std::string>();
  profile.department = row.Next<std::string>();
  profile.phone = row.Next<std::string>();
  profile.mobile = row.Next<std::string>();
  profile.email = row.Next<std::string>();
  profile.wechat = row.Next<std::string>();
  for (const std::string& role : row.Next<std::vector<std::string>>())
    profile.roles.push_back(FromWord<PurchaseRole>(role).value());
  profile.influence = row.Next<int>();
  profile.attitude = FromWord<Attitude>(row.Next<std::string>()).value();
  profile.note = row.Next<std::string>();
  contact.version = row.Next<std::int64_t>();
  contact.create_time = row.Next<absl::Time>();
  contact.update_time = row.Next<absl::Time>();
  return contact;
}

}  // namespace

work::Tracked<Contact> ContactStore::Load(const std::vector<Uuid>& customer_ids, const std::vector<Uuid>& ids) {
  work::Tracked<Contact> contacts;
  if (customer_ids.empty() || ids.empty()) return contacts;
  for (db::Row row : tx_.Query(kLoad, {customer_ids, ids})) contacts.AddLoaded(ReadContact(row));
  return contacts;
}

std::vector<Contact> ContactStore::List(const Uuid& customer_id, const Uuid& after, int limit) {
  std::vector<Contact> contacts;
  for (db::Row row : tx_.Query(kList, {customer_id, after, limit})) contacts.push_back(ReadContact(row));
  return contacts;
}

bool ContactStore::Save(const work::Tracked<Contact>& contacts) {
  const ChangedRows<Contact> changed(contacts);
  return Write(tx_, kInsert, contacts.Added()) && Write(tx_, kUpdate, changed.rows, changed.loaded_versions);
}

}  // namespace crm::customer
