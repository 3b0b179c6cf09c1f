#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/contact.h"

namespace crm::customer {

// Contacts, children of their customers: every statement names the customers.
class ContactStore {
 public:
  explicit ContactStore(db::Transaction& tx) : tx_(tx) {}

  // The contacts of these customers that have one of these ids.
  work::Tracked<Contact> Load(const std::vector<Uuid>& customer_ids, const std::vector<Uuid>& ids);

  // In the order in which they were added, behind `after`; at most `limit`.
  std::vector<Contact> List(const Uuid& customer_id, const Uuid& after, int limit);

  // Inserts what is new and updates what has changed. False when a row has changed since it was loaded.
  bool Save(const work::Tracked<Contact>& contacts);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
