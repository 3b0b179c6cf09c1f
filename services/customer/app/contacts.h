#pragma once
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/contact.h"

namespace crm::customer {

struct CreateContact {
  Uuid customer_id;
  ContactProfile profile;
};

// Replies with the Contact. Items fail with CUSTOMER_NOT_FOUND.
std::vector<work::Outcome> CreateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateContact>> requests);

struct UpdateContact {
  Uuid id;
  std::optional<std::int64_t> etag;
  ContactPatch patch;
};

// Replies with the Contact as it is now. Items fail with CONTACT_NOT_FOUND, STALE_ETAG.
std::vector<work::Outcome> UpdateContacts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<UpdateContact>> requests);

struct GetContact {
  Uuid id;
};

// One statement for all. Items fail with CONTACT_NOT_FOUND.
std::vector<absl::StatusOr<Contact>> GetContacts(db::Pool& pool,
                                                 absl::Span<const work::Request<GetContact>> requests);

struct ListContacts {
  Uuid customer_id;
  std::string after_name;  // of the last of the page before
  Uuid after_id;
  int limit = 0;
};

// By name. CUSTOMER_NOT_FOUND.
absl::StatusOr<std::vector<Contact>> ContactsOf(db::Pool& pool, const work::Request<ListContacts>& request);

}  // namespace crm::customer
