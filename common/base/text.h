#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Text as people write it, brought into one form so that equal things compare equal. Everything takes and
// gives UTF-8 and is thread safe; pure ASCII takes a short way.
namespace crm::text {

// Offset of the first byte that is not well-formed UTF-8; nullopt when all is. U+0000 counts as ill-formed:
// the database cannot keep it.
std::optional<std::size_t> InvalidUtf8(std::string_view text);

// Code points of well-formed UTF-8.
std::size_t Length(std::string_view text);

// The first `length` code points of well-formed UTF-8.
std::string Cut(std::string_view text, std::size_t length);

// White space of any script removed at both ends, runs of it inside made one space, control characters
// dropped. Keeps case and width: what is stored and shown.
std::string Tidy(std::string_view text);

// The form that is compared: NFKC with case folded (full width becomes half width), traditional Chinese made
// simplified, white space as in Tidy. "ＡＣＭＥ  貿易" → "acme 贸易".
std::string Normalise(std::string_view text);

// A company's name without its legal form, punctuation and spaces: "上海華為科技有限公司" → "上海华为科技",
// "Acme Trading Co., Ltd." → "acmetrading". A name that is nothing but a legal form keeps it.
std::string CompanyKey(std::string_view name);

// Lower-case address with its domain in ASCII ("用户" domains become xn--…); nullopt when it is no address.
std::optional<std::string> Email(std::string_view text);

// E.164 ("+8613800138000"). A number without a country code belongs to `country` (ISO 3166, two letters).
// Extensions are dropped. nullopt when it cannot be a telephone number.
std::optional<std::string> Phone(std::string_view text, std::string_view country = "CN");

}  // namespace crm::text
