#include "services/opportunity/domain/product.h"

#include <cctype>

#include "common/base/text.h"

namespace crm::opportunity {

std::string ProductKey(std::string_view name) {
  std::string key;
  for (const char c : text::Normalise(name))
    if (static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c))) key += c;
  return key;
}

}  // namespace crm::opportunity
