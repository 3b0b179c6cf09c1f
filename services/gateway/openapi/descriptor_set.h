#pragma once
#include <string_view>

namespace crm::gateway {

// All descriptors with their comments: a serialized google.protobuf.FileDescriptorSet, part of the program.
std::string_view DescriptorSet();

}  // namespace crm::gateway
