#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// Something that is sold, with its list price. `code` is unique.
struct Product {
  static constexpr std::string_view kAggregateType = "product";

  Uuid id, owner_id, org_unit_id;
  std::string code, name, series, description;
  Money list_price;
  bool active = true;
  std::int64_t version = 0;
  absl::Time create_time, update_time;
};

// The form in which names of products are compared: without case, width, spaces and punctuation, so that
// "GTXPro" is "GTX Pro".
std::string ProductKey(std::string_view name);

struct CreateProduct {
  Product product;
};

struct ProductCreated {
  Product product;
};

}  // namespace crm::opportunity
