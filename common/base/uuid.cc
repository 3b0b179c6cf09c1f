#include "common/base/uuid.h"

#include <chrono>
#include <cstring>
#include <mutex>
#include <random>

#include "common/base/digest.h"

namespace crm {
namespace {

constexpr std::uint64_t kVariant = 0x8000000000000000ULL, kVariantMask = 0x3FFFFFFFFFFFFFFFULL;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::New() {
  // 48 bits of milliseconds and a 12-bit counter that borrows from the next millisecond when it overflows,
  // so that ids made here are strictly increasing whatever the wall clock does.
  static std::mutex mutex;
  static std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  static std::uint64_t last = 0;
  const auto millis = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                     std::chrono::system_clock::now().time_since_epoch())
                                                     .count());
  std::lock_guard lock(mutex);
  last = std::max(last + 1, millis << 12);
  const std::uint64_t high = ((last >> 12) << 16) | 0x7000 | (last & 0xFFF);
  return Uuid(high, (random() & kVariantMask) | kVariant);
}

Uuid Uuid::FromName(const Uuid& space, std::string_view name) {
  const std::string digest = Sha256(space.ToString() + std::string(name));
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, digest.data(), 8);
  std::memcpy(&low, digest.data() + 8, 8);
  return Uuid((high & ~0xF000ULL) | 0x8000, (low & kVariantMask) | kVariant);
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::uint64_t words[2] = {0, 0};
  int digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    words[digits / 16] = (words[digits / 16] << 4) | static_cast<std::uint64_t>(digit);
    ++digits;
  }
  return Uuid(words[0], words[1]);
}

std::string Uuid::ToString() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (int i = 0; i < 32; ++i) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    const std::uint64_t word = i < 16 ? high_ : low_;
    text[at++] = kHex[(word >> (60 - 4 * (i % 16))) & 0xF];
  }
  return text;
}

}  // namespace crm
