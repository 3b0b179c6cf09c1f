#include "common/db/statement.h"

#include <bit>
#include <charconv>
#include <cstdio>
#include <limits>

#include "absl/time/civil_time.h"
#include "common/base/digest.h"
#include "common/db/rows.h"

namespace crm::db {
namespace internal {

std::string ToText(const Uuid& value) { return value.ToString(); }
std::string ToText(std::string_view value) { return std::string(value); }
std::string ToText(std::int64_t value) { return std::to_string(value); }
std::string ToText(bool value) { return value ? "t" : "f"; }
std::string ToText(absl::CivilDay value) {
  char text[32];  // four digits at least: PostgreSQL takes a year of two for one of its own century
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", static_cast<int>(value.year()), value.month(),
                value.day());
  return text;
}
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

namespace {
constexpr std::int64_t kEpochMicros = 946'684'800'000'000;  // 2000-01-01, where PostgreSQL's times begin

template <class Number>
void AppendBigEndian(std::string& bytes, Number number) {
  char big[sizeof number];
  for (char& byte : big) {
    byte = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (sizeof number - 1)));
    number = static_cast<Number>(static_cast<std::uint64_t>(number) << 8);
  }
  bytes.append(big, sizeof number);
}
}  // namespace

ArrayWriter::ArrayWriter(std::uint32_t element_type, std::size_t size) {
  constexpr std::uint32_t kDimensions = 1, kNoNulls = 0, kFirstIndex = 1;
  bytes_.reserve(20 + 20 * size);
  AppendBigEndian(bytes_, size == 0 ? 0 : kDimensions);
  AppendBigEndian(bytes_, kNoNulls);  // a hint that is not relied on
  AppendBigEndian(bytes_, element_type);
  if (size == 0) return;
  AppendBigEndian(bytes_, static_cast<std::uint32_t>(size));
  AppendBigEndian(bytes_, kFirstIndex);
}

void ArrayWriter::AddNull() { AppendBigEndian(bytes_, std::int32_t{-1}); }

void ArrayWriter::Add(std::string_view value) {
  AppendBigEndian(bytes_, static_cast<std::uint32_t>(value.size()));
  bytes_ += value;
}
void ArrayWriter::Add(const Uuid& value) {
  AppendBigEndian(bytes_, std::uint32_t{16});
  AppendBigEndian(bytes_, value.high());
  AppendBigEndian(bytes_, value.low());
}
void ArrayWriter::Add(std::int64_t value) {
  AppendBigEndian(bytes_, std::uint32_t{8});
  AppendBigEndian(bytes_, value);
}
void ArrayWriter::Add(int value) {
  AppendBigEndian(bytes_, std::uint32_t{4});
  AppendBigEndian(bytes_, value);
}
void ArrayWriter::Add(double value) { Add(std::bit_cast<std::int64_t>(value)); }
void ArrayWriter::Add(bool value) {
  AppendBigEndian(bytes_, std::uint32_t{1});
  bytes_ += static_cast<char>(value);
}
void ArrayWriter::Add(absl::Time value) {
  if (value == absl::InfiniteFuture()) return Add(std::numeric_limits<std::int64_t>::max());
  if (value == absl::InfinitePast()) return Add(std::numeric_limits<std::int64_t>::min());
  Add(absl::ToUnixMicros(value) - kEpochMicros);
}
void ArrayWriter::Add(absl::CivilDay value) { Add(static_cast<int>(value - absl::CivilDay(2000, 1, 1))); }

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

// "2026-11-22".
absl::CivilDay ParseDate(std::string_view text) {
  const std::size_t year = text.find('-');
  if (year == text.npos || text.size() != year + 6) throw Error("", "not a date: " + std::string(text));
  return absl::CivilDay(Digits(text.data(), static_cast<int>(year)), Digits(text.data() + year + 1, 2),
                        Digits(text.data() + year + 4, 2));
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
absl::CivilDay Row::Read(int column, std::type_identity<absl::CivilDay>) const {
  return ParseDate(Text(rows_->result_->rows, row_, column));
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
