#include "common/rpc/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace crm::rpc {
namespace {

using ::testing::ElementsAre;
using testing::HasViolation;
using ::testing::IsEmpty;
using testing::IsOk;

TEST(Fields, GathersEveryFault) {
  Fields fields;
  fields.Line("name", "  ", 10, 1);
  fields.Line("title", "一二三四", 3);
  fields.Text("note", "a\x01", 10);
  fields.Id("id", "");
  fields.OptionalId("parent_id", "42");
  fields.Etag("etag", "x");
  fields.Amount("cost", "cny", -1);
  fields.Date("day", "2026-02-30");
  fields.Enum("kind", 99, false);
  fields.Mask("update_mask", {}, {"name"});
  const absl::Status status = fields.status();
  EXPECT_THAT(status, HasViolation("name", "REQUIRED"));
  EXPECT_THAT(status, HasViolation("title", "TOO_LONG"));
  EXPECT_THAT(status, HasViolation("note", "CONTROL_CHARACTER"));
  EXPECT_THAT(status, HasViolation("id", "REQUIRED"));
  EXPECT_THAT(status, HasViolation("parent_id", "MALFORMED"));
  EXPECT_THAT(status, HasViolation("etag", "MALFORMED"));
  EXPECT_THAT(status, HasViolation("cost.currency_code", "UNKNOWN_CURRENCY"));
  EXPECT_THAT(status, HasViolation("cost.minor_units", "NEGATIVE"));
  EXPECT_THAT(status, HasViolation("day", "MALFORMED"));
  EXPECT_THAT(status, HasViolation("kind", "UNKNOWN_VALUE"));
  EXPECT_THAT(status, HasViolation("update_mask", "REQUIRED"));
}

TEST(Fields, ADayIsOfTheYears1970To9999) {
  for (const char* day : {"0001-01-01", "1969-12-31", "10000-01-01", "-001-01-01"}) {
    Fields fields;
    fields.Date("day", day);
    EXPECT_THAT(fields.status(), HasViolation("day", "MALFORMED")) << day;
  }
  for (const char* day : {"1970-01-01", "9999-12-31"}) {
    Fields fields;
    EXPECT_EQ(fields.Date("day", day), day);
    EXPECT_TRUE(fields.status().ok()) << day;
  }
}

TEST(Fields, AmountsAreBounded) {
  Fields fields;
  EXPECT_EQ(fields.Amount("limit", "CNY", kLargestAmount).minor_units, kLargestAmount);
  EXPECT_THAT(fields.status(), IsOk());
  fields.Amount("limit", "CNY", kLargestAmount + 1);
  EXPECT_THAT(fields.status(), HasViolation("limit.minor_units", "OUT_OF_RANGE"));
}

TEST(Fields, LengthsAreCharacters) {
  Fields fields;
  EXPECT_EQ(fields.Line("name", " 华为  技术 ", 5), "华为 技术");
  EXPECT_THAT(fields.status(), IsOk());
}

TEST(Fields, TimesGoThereAndBackInMicroseconds) {
  for (absl::Duration since : {absl::ZeroDuration(), absl::Microseconds(-1), absl::Microseconds(1'234'567)}) {
    Fields fields;
    EXPECT_EQ(fields.Time("t", ToTimestamp(absl::UnixEpoch() + since)), absl::UnixEpoch() + since);
    EXPECT_THAT(fields.status(), IsOk());
  }
}

TEST(Fields, NoTimeLiesOutsideTheYearsThatAreKept) {
  const absl::Time first = absl::FromCivil(absl::CivilDay(1, 1, 1), absl::UTCTimeZone()),
                   end = absl::FromCivil(absl::CivilDay(10000, 1, 1), absl::UTCTimeZone());
  for (const absl::Time kept : {first, end - absl::Microseconds(1)}) {
    Fields fields;
    EXPECT_EQ(fields.Time("t", ToTimestamp(kept)), kept);
    EXPECT_THAT(fields.status(), IsOk());
  }
  for (const absl::Time refused : {first - absl::Microseconds(1), end}) {
    Fields fields;
    fields.Time("t", ToTimestamp(refused));
    EXPECT_THAT(fields.status(), HasViolation("t", "MALFORMED"));
  }
}

struct Question {
  std::string filter, token;
  int size = 0;
  void clear_page_size() { size = 0; }
  void clear_page_token() { token.clear(); }
  int page_size() const { return size; }
  const std::string& page_token() const { return token; }
  std::string SerializeAsString() const { return filter; }
};

TEST(Paging, ATokenHoldsForItsQuestionOnly) {
  Fields fields;
  Paging first(Question{"a", "", 2}, 2, fields);
  std::vector<std::string> rows = {"x", "y", "z"};
  const std::string token = first.Cut(rows, [](const std::string& row) {
    return std::vector<std::string>{row, ""};
  });
  EXPECT_THAT(rows, ElementsAre("x", "y"));

  const Paging second(Question{"a", token, 3}, 2, fields);
  EXPECT_EQ(second.TextAt(0, fields), "y");
  EXPECT_EQ(second.TextAt(1, fields), "");
  EXPECT_THAT(fields.status(), IsOk());
  EXPECT_TRUE(Paging(Question{"b", token, 2}, 2, fields).first());
  EXPECT_THAT(fields.status(), HasViolation("page_token", "MALFORMED"));

  std::vector<std::string> last = {"x"};
  EXPECT_THAT(first.Cut(last, [](const std::string& row) { return std::vector<std::string>{row}; }),
              IsEmpty());
}

// The part of a position as `read` takes it from the token of the page before; the status when it cannot.
template <class Read>
auto Reread(const std::string& part, Read read)
    -> absl::StatusOr<std::invoke_result_t<Read, Paging&, Fields&>> {
  Fields fields;
  std::vector<int> rows = {1, 2};
  const std::string token =
      Paging(Question{"", "", 1}, 1, fields).Cut(rows, [&](int) { return std::vector{part}; });
  Paging paging(Question{"", token, 1}, 1, fields);
  auto value = read(paging, fields);
  if (!fields.status().ok()) return fields.status();
  return value;
}

TEST(Paging, APartThatCannotBeReadIsRefused) {
  const auto text = [](Paging& p, Fields& f) { return p.TextAt(0, f); };
  const auto id = [](Paging& p, Fields& f) { return p.IdAt(0, f); };
  const auto time = [](Paging& p, Fields& f) { return p.TimeAt(0, f); };
  const auto number = [](Paging& p, Fields& f) { return p.IntAt<int>(0, f); };
  const auto refused = HasViolation("page_token", "MALFORMED");
  const Uuid known = Uuid::New();
  EXPECT_EQ(*Reread("张", text), "张");
  EXPECT_EQ(*Reread(known.ToString(), id), known);
  EXPECT_EQ(*Reread("-1000000", time), absl::UnixEpoch() - absl::Seconds(1));
  EXPECT_EQ(*Reread("-7", number), -7);
  EXPECT_THAT(Reread("\xff", text), refused);
  for (const char* bad : {"", "42", "00000000-0000-0000-0000-000000000000"})
    EXPECT_THAT(Reread(bad, id), refused) << bad;
  for (const char* bad : {"", "soon", "9223372036854775807"}) EXPECT_THAT(Reread(bad, time), refused) << bad;
  for (const char* bad : {"", "x", "1x", "2147483648"}) EXPECT_THAT(Reread(bad, number), refused) << bad;
}

TEST(Paging, NothingIsReadOnTheFirstPage) {
  Fields fields;
  const Paging paging(Question{"", "", 1}, 1, fields);
  EXPECT_TRUE(paging.first());
  EXPECT_EQ(paging.TextAt(0, fields), "");
  EXPECT_EQ(paging.IdAt(0, fields), Uuid());
  EXPECT_EQ(paging.IntAt<int>(0, fields), 0);
  EXPECT_THAT(fields.status(), IsOk());
}

TEST(Paging, SizesAreBounded) {
  for (int size : {-1, 201}) {
    Fields fields;
    Paging paging(Question{"", "", size}, 1, fields);
    EXPECT_THAT(fields.status(), HasViolation("page_size", "OUT_OF_RANGE"));
  }
}

}  // namespace
}  // namespace crm::rpc
