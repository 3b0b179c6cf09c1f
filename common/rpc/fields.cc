#include "common/rpc/fields.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/timestamp.h"

namespace crm::rpc {
namespace {

constexpr int kFirstYear = 1970;
constexpr int kDefaultPage = 50, kLargestPage = 200;
constexpr std::size_t kQuestionDigest = 8;
constexpr char kSeparator = '\x1f';

std::string At(std::string_view field, int index) {
  return absl::StrCat(std::string(field), "[", index, "]");
}

bool IsForbiddenControl(unsigned char c) {
  return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
}

}  // namespace

void Fields::Add(std::string_view field, std::string_view reason, std::string_view description) {
  violations_.Add(field, reason, description);
}

std::string Fields::Line(std::string_view field, std::string_view value, std::size_t max, std::size_t min) {
  std::string tidy = text::Tidy(value);
  if (tidy.empty() && min > 0) {
    Add(field, "REQUIRED", "must not be empty");
    return "";
  }
  const std::size_t length = text::Length(tidy);
  if (length > max) {
    Add(field, "TOO_LONG", absl::StrCat("must have at most ", max, " characters, has ", length));
    return "";
  }
  return tidy;
}

std::string Fields::Text(std::string_view field, std::string_view value, std::size_t max) {
  if (std::any_of(value.begin(), value.end(), IsForbiddenControl)) {
    Add(field, "CONTROL_CHARACTER", "must have no control characters but line breaks and tabs");
    return "";
  }
  const std::size_t length = text::Length(value);
  if (length > max) {
    Add(field, "TOO_LONG", absl::StrCat("must have at most ", max, " characters, has ", length));
    return "";
  }
  return std::string(value);
}

std::vector<std::string> Fields::Lines(std::string_view field,
                                       const google::protobuf::RepeatedPtrField<std::string>& values,
                                       int count, std::size_t max) {
  std::vector<std::string> lines;
  if (values.size() > count) {
    Add(field, "TOO_MANY", absl::StrCat("must have at most ", count, " entries, has ", values.size()));
    return lines;
  }
  for (int i = 0; i < values.size(); ++i) lines.push_back(Line(At(field, i), values[i], max, 1));
  return lines;
}

Uuid Fields::Id(std::string_view field, std::string_view value) {
  if (value.empty()) Add(field, "REQUIRED", "must not be empty");
  return OptionalId(field, value);
}

Uuid Fields::OptionalId(std::string_view field, std::string_view value) {
  if (value.empty()) return Uuid();
  const std::optional<Uuid> id = Uuid::Parse(value);
  if (!id || id->nil()) {
    Add(field, "MALFORMED", "must be a UUID such as 018f3a5e-7c1d-7a3b-9f4e-0123456789ab");
    return Uuid();
  }
  return *id;
}

std::vector<Uuid> Fields::Ids(std::string_view field,
                              const google::protobuf::RepeatedPtrField<std::string>& values, int count) {
  std::vector<Uuid> ids;
  if (values.size() > count) {
    Add(field, "TOO_MANY", absl::StrCat("must have at most ", count, " entries, has ", values.size()));
    return ids;
  }
  for (int i = 0; i < values.size(); ++i) ids.push_back(Id(At(field, i), values[i]));
  return ids;
}

std::optional<std::int64_t> Fields::Etag(std::string_view field, std::string_view value) {
  if (value.empty()) return std::nullopt;
  std::int64_t version = 0;
  if (!absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &version) || version < 1) {
    Add(field, "MALFORMED", "must be the etag as it was read");
    return std::nullopt;
  }
  return version;
}

absl::Time Fields::Time(std::string_view field, const google::protobuf::Timestamp& value) {
  if (!IsRepresentable(absl::FromUnixSeconds(value.seconds())) || value.nanos() < 0 ||
      value.nanos() > 999'999'999) {
    Add(field, "MALFORMED", "must be a time between the years 1 and 9999");
    return absl::UnixEpoch();
  }
  return ToTime(value);
}

std::string Fields::Date(std::string_view field, std::string_view value) {
  if (value.empty()) return "";
  absl::CivilDay day;
  const absl::string_view text(value.data(), value.size());
  if (value.size() != 10 || !absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text ||
      day.year() < kFirstYear) {
    Add(field, "MALFORMED", "must be a day of the years 1970 to 9999, such as 2026-01-31");
    return "";
  }
  return std::string(value);
}

Money Fields::Amount(std::string_view field, std::string_view currency, std::int64_t minor_units) {
  if (!IsCurrency(currency))
    Add(absl::StrCat(std::string(field), ".currency_code"), "UNKNOWN_CURRENCY",
        "must be an ISO 4217 code in upper case, such as CNY");
  if (minor_units < 0)
    Add(absl::StrCat(std::string(field), ".minor_units"), "NEGATIVE", "must not be negative");
  if (minor_units > kLargestAmount)
    Add(absl::StrCat(std::string(field), ".minor_units"), "OUT_OF_RANGE",
        absl::StrCat("must be at most ", kLargestAmount, " minor units"));
  return {std::string(currency), minor_units};
}

bool Fields::Enum(std::string_view field, int value, bool known, bool required) {
  if (!known) {
    Add(field, "UNKNOWN_VALUE", absl::StrCat("has no value of number ", value));
    return false;
  }
  if (required && value == 0) {
    Add(field, "REQUIRED", "must be stated");
    return false;
  }
  return value != 0;
}

std::set<std::string> Fields::Mask(std::string_view field, const google::protobuf::FieldMask& mask,
                                   std::initializer_list<std::string_view> allowed) {
  std::set<std::string> paths;
  if (mask.paths().empty()) Add(field, "REQUIRED", "must name at least one field");
  for (const std::string& path : mask.paths()) {
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end())
      Add(field, "UNKNOWN_FIELD",
          absl::StrCat("cannot change \"", path, "\"; may name ",
                       absl::StrJoin(std::set<std::string>(allowed.begin(), allowed.end()), ", ")));
    else
      paths.insert(path);
  }
  return paths;
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  SetTimestamp(timestamp, time);
  return timestamp;
}

void Paging::Read(std::string_view question, int size, std::string_view token, std::size_t parts,
                  Fields& fields) {
  question_ = Sha256(question).substr(0, kQuestionDigest);
  size_ = size == 0 ? kDefaultPage : size;
  if (size < 0 || size > kLargestPage) {
    fields.Add("page_size", "OUT_OF_RANGE",
               absl::StrCat("must be 1 to ", kLargestPage, ", or 0 for ", kDefaultPage));
    size_ = kDefaultPage;
  }
  if (token.empty()) return;
  std::string bytes;
  if (absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) &&
      bytes.size() > kQuestionDigest && bytes.compare(0, kQuestionDigest, question_) == 0) {
    position_ = absl::StrSplit(bytes.substr(kQuestionDigest), kSeparator);
    if (position_.size() == parts) return;
  }
  position_.clear();
  Refuse(fields);
}

void Paging::Refuse(Fields& fields) {
  fields.Add("page_token", "MALFORMED", "must be the next_page_token of the same question, unchanged");
}

std::string Paging::TextAt(std::size_t part, Fields& fields) const {
  if (first()) return "";
  if (text::InvalidUtf8(position_[part])) Refuse(fields);
  return position_[part];
}

Uuid Paging::IdAt(std::size_t part, Fields& fields) const {
  if (first()) return Uuid();
  const Uuid id = Uuid::Parse(position_[part]).value_or(Uuid());
  if (id.nil()) Refuse(fields);
  return id;
}

absl::Time Paging::TimeAt(std::size_t part, Fields& fields) const {
  const absl::Time time = absl::FromUnixMicros(IntAt<std::int64_t>(part, fields));
  if (!IsRepresentable(time)) Refuse(fields);
  return time;
}

std::string Paging::Token(const std::vector<std::string>& parts) const {
  return absl::WebSafeBase64Escape(absl::StrCat(question_, absl::StrJoin(parts, std::string(1, kSeparator))));
}

}  // namespace crm::rpc
