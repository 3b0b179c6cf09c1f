#include "services/customer/domain/lead_import.h"

#include "common/base/digest.h"

namespace crm::customer {

std::string Chain(std::string_view hash, const std::vector<std::string>& fields) {
  std::string text(hash);
  for (const std::string& field : fields) {
    text += field;
    text += '\x1f';
  }
  return Sha256(text);
}

}  // namespace crm::customer
