#include "services/opportunity/domain/opportunity_import.h"

#include "common/base/digest.h"

namespace crm::opportunity {

std::string Chain(std::string_view hash, const std::vector<std::string>& fields) {
  std::string text(hash);
  for (const std::string& field : fields) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
  }
  return Sha256(text);
}

}  // namespace crm::opportunity
