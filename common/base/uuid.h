#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace crm {

// A 128-bit identifier. New ones are UUIDv7 (RFC 9562): they sort by the millisecond of their making, and
// within one process strictly by the order of their making. A default-made Uuid is nil.
class Uuid {
 public:
  constexpr Uuid() = default;
  constexpr Uuid(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  // Thread safe.
  static Uuid New();

  // The same name in the same space always gives the same id (version 8: SHA-256, truncated).
  static Uuid FromName(const Uuid& space, std::string_view name);

  // Canonical form only: 8-4-4-4-12 hexadecimal digits, either case.
  static std::optional<Uuid> Parse(std::string_view text);
  std::string ToString() const;

  constexpr bool nil() const { return high_ == 0 && low_ == 0; }
  constexpr std::uint64_t high() const { return high_; }
  constexpr std::uint64_t low() const { return low_; }

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.high_, id.low_);
  }

 private:
  std::uint64_t high_ = 0, low_ = 0;
};

}  // namespace crm

template <>
struct std::hash<crm::Uuid> {
  std::size_t operator()(const crm::Uuid& id) const noexcept {
    return id.high() * 0x9E3779B97F4A7C15ULL ^ id.low();
  }
};
