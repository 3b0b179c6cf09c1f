#include "services/contract_credit/app/note_customer.h"

namespace crm::contract {

std::vector<work::Outcome> NoteCustomers(work::UnitOfWork& work,
                                         absl::Span<const work::Request<CustomerReference>> requests) {
  return work.Run<CustomerReference>(requests,
                                     [](work::Batch<CustomerReference>& batch, db::Transaction& tx) {
                                       std::vector<CustomerReference> customers;
                                       for (auto& item : batch.items()) customers.push_back(*item);
                                       CustomerReferenceStore(tx).Save(customers);
                                     });
}

}  // namespace crm::contract
