#include "services/gateway/openapi/descriptor_set.h"

asm(".section .rodata\n"
    ".global crm_descriptor_set_begin\n"
    ".global crm_descriptor_set_end\n"
    "crm_descriptor_set_begin:\n"
    ".incbin \"" CRM_DESCRIPTOR_SET
    "\"\n"
    "crm_descriptor_set_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char crm_descriptor_set_begin[], crm_descriptor_set_end[];

namespace crm::gateway {

std::string_view DescriptorSet() {
  return {crm_descriptor_set_begin,
          static_cast<std::size_t>(crm_descriptor_set_end - crm_descriptor_set_begin)};
}

}  // namespace crm::gateway
