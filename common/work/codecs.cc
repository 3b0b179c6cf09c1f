#include "common/work/codecs.h"

#include <cstdlib>

#include "common/telemetry/log.h"

namespace crm::work {
namespace {

template <class Table>
const typename Table::mapped_type& Find(const Table& table, std::type_index type) {
  const auto found = table.find(type);
  if (found == table.end()) {
    LogCritical("no codec is bound for ", type.name(), "; bind it in main.cc");
    std::abort();
  }
  return found->second;
}

}  // namespace

std::string Codecs::EncodeReply(std::type_index type, const void* reply) const {
  return Find(replies_, type)(reply);
}

outbox::EncodedEvent Codecs::EncodeEvent(std::type_index type, const void* event) const {
  return Find(events_, type)(event);
}

}  // namespace crm::work
