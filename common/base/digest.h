#pragma once
#include <string>
#include <string_view>

namespace crm {

// SHA-256 of `data`: 32 raw bytes.
std::string Sha256(std::string_view data);

// Lower-case hexadecimal digits, two per byte.
std::string Hex(std::string_view bytes);

}  // namespace crm
