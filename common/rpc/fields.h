#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"
#include "common/status/errors.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/protobuf/timestamp.pb.h"

namespace crm::rpc {

// Reads the fields of one request and gathers every rule that they break, so that a converter reads like the
// list of its fields and ends with `if (!fields.status().ok()) return fields.status();`. A reader that finds
// a fault answers an empty value. `field` is the path in the request: "customer.name". Lengths are in
// characters.
class Fields {
 public:
  // One line: tidied (white space, control characters). REQUIRED when `min` > 0 and empty, TOO_LONG.
  std::string Line(std::string_view field, std::string_view value, std::size_t max, std::size_t min = 0);
  // Several lines, kept as they are. CONTROL_CHARACTER for any but line feed, carriage return and tab.
  std::string Text(std::string_view field, std::string_view value, std::size_t max);
  // At most `count` lines, none empty: TOO_MANY, REQUIRED, TOO_LONG.
  std::vector<std::string> Lines(std::string_view field,
                                 const google::protobuf::RepeatedPtrField<std::string>& values, int count,
                                 std::size_t max);

  // REQUIRED, MALFORMED.
  Uuid Id(std::string_view field, std::string_view value);
  // Nil when empty. MALFORMED.
  Uuid OptionalId(std::string_view field, std::string_view value);
  // TOO_MANY, MALFORMED.
  std::vector<Uuid> Ids(std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& values,
                        int count);
  // The version that an etag names; none when empty. MALFORMED.
  std::optional<std::int64_t> Etag(std::string_view field, std::string_view value);

  // MALFORMED outside the years 1 to 9999.
  absl::Time Time(std::string_view field, const google::protobuf::Timestamp& value);
  // YYYY-MM-DD or empty. MALFORMED.
  std::string Date(std::string_view field, std::string_view value);
  // A crm.type.v1.Money: UNKNOWN_CURRENCY, NEGATIVE, OUT_OF_RANGE above kLargestAmount.
  template <class MoneyMessage>
  Money Amount(std::string_view field, const MoneyMessage& value) {
    return Amount(field, value.currency_code(), value.minor_units());
  }
  Money Amount(std::string_view field, std::string_view currency, std::int64_t minor_units);

  // UNKNOWN_VALUE when not `known` (an enum's …_IsValid), REQUIRED when it is `unspecified`. Says whether it
  // is good.
  bool Enum(std::string_view field, int value, bool known, bool required = false);

  // What update_mask names. REQUIRED when empty, UNKNOWN_FIELD for what is not in `allowed`.
  std::set<std::string> Mask(std::string_view field, const google::protobuf::FieldMask& mask,
                             std::initializer_list<std::string_view> allowed);

  void Add(std::string_view field, std::string_view reason, std::string_view description);
  absl::Status status() const { return violations_.ToStatus(); }

 private:
  errors::Violations violations_;
};

google::protobuf::Timestamp ToTimestamp(absl::Time time);

// Pages by key. A request has page_size (0 = 50, at most 200) and page_token; tokens are opaque and hold for
// the question they were given for.
class Paging {
 public:
  template <class Request>
  Paging(const Request& request, std::size_t parts, Fields& fields) {
    Request question = request;
    question.clear_page_size();
    question.clear_page_token();
    Read(question.SerializeAsString(), request.page_size(), request.page_token(), parts, fields);
  }

  int size() const { return size_; }
  int limit() const { return size_ + 1; }  // to ask for: one more says whether there is a next page
  bool first() const { return position_.empty(); }
  // The parts of the position where the page before ended; nothing on the first page. A part that cannot be
  // read so makes the token MALFORMED.
  std::string TextAt(std::size_t part, Fields& fields) const;
  Uuid IdAt(std::size_t part, Fields& fields) const;
  absl::Time TimeAt(std::size_t part, Fields& fields) const;
  template <class Int>
  Int IntAt(std::size_t part, Fields& fields) const {
    Int value = 0;
    if (!first() && !absl::SimpleAtoi(position_[part], &value)) Refuse(fields);
    return value;
  }

  // Cuts what was read with limit() to a page; the token behind its last row, `parts(row)`, or an empty one.
  template <class Row, class Parts>
  std::string Cut(std::vector<Row>& rows, Parts parts) const {
    if (rows.size() <= static_cast<std::size_t>(size_)) return "";
    rows.resize(static_cast<std::size_t>(size_));
    return Token(parts(rows.back()));
  }

 private:
  void Read(std::string_view question, int size, std::string_view token, std::size_t parts, Fields& fields);
  static void Refuse(Fields& fields);
  std::string Token(const std::vector<std::string>& parts) const;

  std::string question_;  // its digest
  int size_ = 0;
  std::vector<std::string> position_;
};

}  // namespace crm::rpc
