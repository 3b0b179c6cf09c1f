#pragma once
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/contact.h"

namespace crm::customer {

// Contacts, read and written as sets.
class ContactStore {
 public:
  explicit ContactStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Contact> Load(const std::vector<Uuid>& ids);

  // By name, behind (`name`, `id`) of the last of the page before; at most `limit`.
  std::vector<Contact> List(const Uuid& customer_id, const std::string& name, const Uuid& id, int limit);

  // Inserts what is new and updates what has changed. False when a row has changed since it was loaded.
  bool Save(const work::Tracked<Contact>& contacts);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
