#pragma once
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace crm::customer {

// The words an enumeration is stored and spoken as: `Words<E>::kAll[i]` is the word of the value i.
// Specialised beside each enumeration, whose values count from 0.
template <class E>
struct Words;

template <class E>
constexpr std::string_view Word(E value) {
  return Words<E>::kAll[static_cast<std::size_t>(value)];
}

template <class E>
constexpr std::optional<E> FromWord(std::string_view word) {
  for (std::size_t i = 0; i < std::size(Words<E>::kAll); ++i)
    if (Words<E>::kAll[i] == word) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace crm::customer
