#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

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

namespace internal {
std::string ToText(const Uuid& value);
std::string ToText(std::int64_t value);
std::string ToText(double value);
std::string ToText(bool value);
std::string ToText(absl::Time value);
std::string ToText(const Bytes& value);
inline std::string ToText(int value) { return ToText(std::int64_t{value}); }
inline std::string ToText(std::string_view value) { return std::string(value); }
inline std::string ToText(const std::string& value) { return value; }
inline std::string ToText(const char* value) { return value; }
template <class T>
std::optional<std::string> ToNullable(const T& value) {
  return ToText(value);
}
template <class T>
std::optional<std::string> ToNullable(const std::optional<T>& value) {
  return value ? std::optional<std::string>(ToText(*value)) : std::nullopt;
}
void AppendElement(std::string& array, const std::optional<std::string>& element);
}  // namespace internal

// One parameter: text, a number, bool, Uuid, absl::Time (microseconds), Bytes; an optional of these (NULL
// when empty); or a vector of either (an array, for `= ANY($1)` and `unnest($1::uuid[], …)`).
class Param {
 public:
  template <class T>
  Param(const T& value) : text_(internal::ToNullable(value)) {}  // NOLINT: implicit on purpose
  template <class T>
  Param(const std::vector<T>& values) : text_("{") {  // NOLINT
    for (const T& value : values) internal::AppendElement(*text_, internal::ToNullable(value));
    *text_ += '}';
  }
  const char* text() const { return text_ ? text_->c_str() : nullptr; }

 private:
  std::optional<std::string> text_;
};

class Rows;

// Reads the columns of one row from left to right: `id = row.Next<Uuid>()`. T is std::string, std::int64_t,
// int, double, bool, Uuid, absl::Time, Bytes, std::vector<std::string>, std::vector<Uuid>, or an optional of
// one of these for a column that may be NULL. Valid while its Rows live.
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
