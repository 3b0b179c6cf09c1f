#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/product.h"

namespace crm::opportunity {

// Replies with the Product. Items fail with PRODUCT_ALREADY_EXISTS (the code).
std::vector<work::Outcome> CreateProducts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateProduct>> requests);

}  // namespace crm::opportunity
