#pragma once
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/contact.h"

namespace crm::customer {

struct AddContact {
  Uuid customer_id;
  ContactProfile profile;
};

// Replies with the Contact. Items fail with CUSTOMER_NOT_FOUND.
std::vector<work::Outcome> AddContacts(work::UnitOfWork& work, absl::Span<const work::Request<AddContact>> requests);

struct UpdateContact {
  Uuid customer_id, id;
  std::optional<std::int64_t> etag;
  ContactPatch patch;
};

// Replies with the Contact as it is now. Items fail with CUSTOMER_NOT_FOUND, CONTACT_NOT_FOUND, STALE_ETAG.
std::vector<work::Outcome> UpdateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<UpdateContact>> requests);

struct ListContacts {
  Uuid customer_id;
  Uuid after;  // nil: from the first
  int limit = 0;
};

// In the order in which they were added. CUSTOMER_NOT_FOUND.
absl::StatusOr<std::vector<Contact>> ContactsOf(db::Pool& pool, const work::Request<ListContacts>& request);

struct GetContact {
  Uuid customer_id, id;
};
absl::StatusOr<Contact> ContactBy(db::Pool& pool, const work::Request<GetContact>& request);

}  // namespace crm::customer
