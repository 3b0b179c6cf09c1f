#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::db {

// A named SQL statement: the name is the prepared statement's name and the metric's label. Both must be
// constants; a name stands for one text.
struct Statement {
  const char* name;
  const char* sql;
};

// Raw bytes for a bytea column.
struct Bytes {
  std::string value;
};
struct BytesView {  // to send them without a copy
  std::string_view value;
};

namespace internal {
std::string ToText(const Uuid& value);
std::string ToText(std::int64_t value);
std::string ToText(double value);
std::string ToText(bool value);
std::string ToText(absl::Time value);
std::string ToText(absl::CivilDay value);
std::string ToText(const Bytes& value);
inline std::string ToText(int value) { return ToText(std::int64_t{value}); }
std::string ToText(std::string_view value);
inline std::string ToText(const std::string& value) { return value; }
inline std::string ToText(const char* value) { return value; }

// An array in PostgreSQL's binary form, as array_recv reads it (ADR 0016).
class ArrayWriter {
 public:
  ArrayWriter(std::uint32_t element_type, std::size_t size);
  void Add(std::string_view value);
  void Add(const Uuid& value);
  void Add(std::int64_t value);
  void Add(int value);
  void Add(double value);
  void Add(bool value);
  void Add(absl::Time value);
  void Add(absl::CivilDay value);
  void Add(const Bytes& value) { Add(std::string_view(value.value)); }
  void Add(BytesView value) { Add(value.value); }
  void Add(const std::string& value) { Add(std::string_view(value)); }
  void Add(const char* value) { Add(std::string_view(value)); }
  template <class T>
  void Add(const std::optional<T>& value) {
    value ? Add(*value) : AddNull();
  }
  void AddNull();
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// The type of an array's elements, by its OID in pg_type, which never changes. 0: none.
template <class T>
inline constexpr std::uint32_t kElementType = std::is_convertible_v<T, std::string_view> ? 25 : 0;  // text
template <class T>
inline constexpr std::uint32_t kElementType<std::optional<T>> = kElementType<T>;
template <>
inline constexpr std::uint32_t kElementType<bool> = 16;
template <>
inline constexpr std::uint32_t kElementType<Bytes> = 17;
template <>
inline constexpr std::uint32_t kElementType<BytesView> = 17;
template <>
inline constexpr std::uint32_t kElementType<std::int64_t> = 20;
template <>
inline constexpr std::uint32_t kElementType<int> = 23;
template <>
inline constexpr std::uint32_t kElementType<double> = 701;
template <>
inline constexpr std::uint32_t kElementType<absl::CivilDay> = 1082;
template <>
inline constexpr std::uint32_t kElementType<absl::Time> = 1184;
template <>
inline constexpr std::uint32_t kElementType<Uuid> = 2950;
}  // namespace internal

// One parameter: text, a number, bool, Uuid, absl::Time (microseconds), absl::CivilDay, Bytes; an optional of
// these (NULL when empty); or a vector of either, an array for `= ANY($1)` and `unnest($1::uuid[], …)`. The
// elements of an array must be what the statement names: text, bigint (std::int64_t), int, double precision,
// boolean, uuid, timestamptz, date, bytea.
class Param {
 public:
  template <class T>
  Param(const T& value) : value_(internal::ToText(value)) {}  // NOLINT: implicit on purpose
  template <class T>
  Param(const std::optional<T>& value) {  // NOLINT
    if (value) value_ = internal::ToText(*value);
  }
  template <class T>
  Param(const std::vector<T>& values) : array_(true) {  // NOLINT
    static_assert(internal::kElementType<T> != 0);
    internal::ArrayWriter array(internal::kElementType<T>, values.size());
    for (const T& value : values) array.Add(value);
    value_ = array.Take();
  }
  // The text of a value, the bytes of an array, nothing for NULL.
  const std::optional<std::string>& value() const { return value_; }
  bool array() const { return array_; }

 private:
  std::optional<std::string> value_;
  bool array_ = false;
};

class Rows;

// Reads the columns of one row from left to right: `id = row.Next<Uuid>()`. T is std::string, std::int64_t,
// int, double, bool, Uuid, absl::Time, absl::CivilDay, Bytes, std::vector<std::string>, std::vector<Uuid>, or
// an optional of one of these for a column that may be NULL. Valid while its Rows live.
class Row {
 public:
  template <class T>
  T Next() {
    if constexpr (requires {
                    typename T::value_type;
                    T(std::nullopt);
                  }) {
      if (IsNull(column_)) return ++column_, T(std::nullopt);
      return T(Read(column_++, std::type_identity<typename T::value_type>()));
    } else {
      return Read(column_++, std::type_identity<T>());
    }
  }
  void Skip() { ++column_; }

 private:
  friend class Rows;
  Row(const Rows* rows, int row) : rows_(rows), row_(row) {}
  bool IsNull(int column) const;
  std::string Read(int column, std::type_identity<std::string>) const;
  std::int64_t Read(int column, std::type_identity<std::int64_t>) const;
  int Read(int column, std::type_identity<int>) const;
  double Read(int column, std::type_identity<double>) const;
  bool Read(int column, std::type_identity<bool>) const;
  Uuid Read(int column, std::type_identity<Uuid>) const;
  absl::Time Read(int column, std::type_identity<absl::Time>) const;
  absl::CivilDay Read(int column, std::type_identity<absl::CivilDay>) const;
  Bytes Read(int column, std::type_identity<Bytes>) const;
  std::vector<std::string> Read(int column, std::type_identity<std::vector<std::string>>) const;
  std::vector<Uuid> Read(int column, std::type_identity<std::vector<Uuid>>) const;

  const Rows* rows_;
  int row_;
  int column_ = 0;
};

// A statement's result. `for (db::Row row : rows)`.
class Rows {
 public:
  class Iterator {
   public:
    Row operator*() const { return Row(rows_, row_); }
    Iterator& operator++() { return ++row_, *this; }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    friend class Rows;
    Iterator(const Rows* rows, int row) : rows_(rows), row_(row) {}
    const Rows* rows_;
    int row_;
  };

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return Row(this, row); }
  Iterator begin() const { return Iterator(this, 0); }
  Iterator end() const { return Iterator(this, size()); }
  // Rows that an INSERT, UPDATE or DELETE without RETURNING touched.
  std::int64_t affected() const;

 private:
  friend class Row;
  friend class Transaction;
  friend class TransactionRunner;
  struct Result;
  explicit Rows(std::shared_ptr<const Result> result) : result_(std::move(result)) {}
  std::shared_ptr<const Result> result_;
};

}  // namespace crm::db
