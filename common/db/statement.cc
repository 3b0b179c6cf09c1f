#include "common/db/statement.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "absl/time/civil_time.h"
#include "common/base/digest.h"
#include "common/db/rows.h"

namespace crm::db {
namespace internal {

std::string ToText(const Uuid& value) { return value.ToString(); }
std::string ToText(std::int64_t value) { return std::to_string(value); }
std::string ToText(bool value) { return value ? "t" : "f"; }
std::string ToText(const Bytes& value) { return "\\x" + Hex(value.value); }

std::string ToText(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

std::string ToText(absl::Time value) {
  if (value == absl::InfiniteFuture()) return "infinity";
  if (value == absl::InfinitePast()) return "-infinity";
  const auto parts = absl::UTCTimeZone().At(value);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%06d+00", static_cast<int>(parts.cs.year()),
                parts.cs.month(), parts.cs.day(), parts.cs.hour(), parts.cs.minute(), parts.cs.second(),
                static_cast<int>(absl::ToInt64Microseconds(parts.subsecond)));
  return text;
}

void AppendElement(std::string& array, const std::optional<std::string>& element) {
  if (array.size() > 1) array += ',';
  if (!element) {
    array += "NULL";
    return;
  }
  array += '"';
  for (const char c : *element) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

}  // namespace internal

namespace {

// The elements of a one-dimensional array in PostgreSQL's text form.
std::vector<std::string> ParseArray(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() <= 2) return elements;
  std::string element;
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      element += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '}')) {
      elements.push_back(std::move(element));
      element.clear();
    } else {
      element += c;
    }
  }
  return elements;
}

int Digits(const char* text, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

// "2026-11-22 09:30:00.123456+00": connections speak ISO dates in UTC. A year has four digits or more.
absl::Time ParseTime(std::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  const std::size_t year = text.find('-'), end = year + 15;  // of the seconds
  if (year == text.npos || text.size() < end) throw Error("", "not a timestamp: " + std::string(text));
  const char* at = text.data() + year;
  const absl::CivilSecond second(Digits(text.data(), static_cast<int>(year)), Digits(at + 1, 2),
                                 Digits(at + 4, 2), Digits(at + 7, 2), Digits(at + 10, 2),
                                 Digits(at + 13, 2));
  std::int64_t micros = 0;
  if (text.size() > end + 1 && text[end] == '.') {
    int digits = 0;
    for (std::size_t i = end + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits)
      micros = micros * 10 + (text[i] - '0');
    for (; digits < 6; ++digits) micros *= 10;
  }
  return absl::FromCivil(second, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

Uuid ParseUuid(std::string_view text) {
  const auto id = Uuid::Parse(text);
  if (!id) throw Error("", "not a UUID: " + std::string(text));
  return *id;
}

}  // namespace

int Rows::size() const { return static_cast<int>(result_->rows.size()); }
std::int64_t Rows::affected() const { return static_cast<std::int64_t>(result_->rows.affected_rows()); }

bool Row::IsNull(int column) const { return rows_->result_->rows[row_][column].is_null(); }

namespace {
std::string_view Text(const pqxx::result& rows, int row, int column) {
  const pqxx::field field = rows[row][column];
  if (field.is_null()) throw Error("", std::string("NULL in column ") + field.name());
  return {field.c_str(), field.size()};
}

template <class Number>
Number ToNumber(std::string_view text) {
  Number value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size())
    throw Error("", "not a number: " + std::string(text));
  return value;
}
}  // namespace

std::string Row::Read(int column, std::type_identity<std::string>) const {
  return std::string(Text(rows_->result_->rows, row_, column));
}
std::int64_t Row::Read(int column, std::type_identity<std::int64_t>) const {
  return ToNumber<std::int64_t>(Text(rows_->result_->rows, row_, column));
}
int Row::Read(int column, std::type_identity<int>) const {
  return ToNumber<int>(Text(rows_->result_->rows, row_, column));
}
double Row::Read(int column, std::type_identity<double>) const {
  return ToNumber<double>(Text(rows_->result_->rows, row_, column));
}
bool Row::Read(int column, std::type_identity<bool>) const {
  return Text(rows_->result_->rows, row_, column) == "t";
}
Uuid Row::Read(int column, std::type_identity<Uuid>) const {
  return ParseUuid(Text(rows_->result_->rows, row_, column));
}
absl::Time Row::Read(int column, std::type_identity<absl::Time>) const {
  return ParseTime(Text(rows_->result_->rows, row_, column));
}
Bytes Row::Read(int column, std::type_identity<Bytes>) const {
  const std::string_view text = Text(rows_->result_->rows, row_, column);
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes bytes;
  bytes.value.reserve(text.size() / 2);
  for (std::size_t i = 2; i + 1 < text.size(); i += 2)
    bytes.value += static_cast<char>(nibble(text[i]) << 4 | nibble(text[i + 1]));
  return bytes;
}
std::vector<std::string> Row::Read(int column, std::type_identity<std::vector<std::string>>) const {
  return ParseArray(Text(rows_->result_->rows, row_, column));
}
std::vector<Uuid> Row::Read(int column, std::type_identity<std::vector<Uuid>>) const {
  std::vector<Uuid> ids;
  for (const std::string& element : ParseArray(Text(rows_->result_->rows, row_, column)))
    ids.push_back(ParseUuid(element));
  return ids;
}

}  // namespace crm::db
