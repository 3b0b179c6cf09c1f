#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/opportunity/domain/import_columns.h"
#include "services/opportunity/domain/opportunity.h"
#include "services/opportunity/domain/opportunity_import.h"
#include "services/opportunity/domain/product.h"

namespace crm::opportunity {

// How the values of a file are written.
struct ImportFormat {
  enum class DateOrder { kYearMonthDay, kDayMonthYear, kMonthDayYear };
  DateOrder date_order = DateOrder::kYearMonthDay;
  std::string currency;
  absl::TimeZone time_zone = absl::UTCTimeZone();  // of its days and times
};

// What the names in a file stand for.
struct ImportReferences {
  struct Party {
    Uuid id, org_unit_id;
    std::string name;
    bool ambiguous = false;  // others are called the same: it is nobody
  };
  struct Lead {
    Uuid id;
    std::string source;
  };
  std::map<std::string, Party> customers, owners;  // by the tidy name
  std::map<std::string, Lead> leads;               // by the tidy external id
  std::map<std::string, Product> products;         // by ProductKey
  const SalesProcess* process = nullptr;
  Uuid importer_id, importer_org_unit_id;
};

// An opportunity as history has it, with what was found while reading it. No opportunity: the row is
// rejected.
struct Interpretation {
  std::optional<Opportunity> opportunity{};
  // Otherwise they are made up, or the lead's.
  bool says_name = false, says_owner = false, says_open_date = false, says_source = false;
  // When the day of its close ends, if only that day is told; the close time is its beginning then.
  absl::Time close_day_ends = absl::InfinitePast();
  std::vector<Finding> findings;
};

// A day is as long as it takes: what was opened at ten o'clock may be closed that day. The close that was
// told, not before `opened` if its day reaches until then.
absl::Time CloseTime(absl::Time told, absl::Time day_ends, absl::Time opened);

// Understands one row. Pure. What is wrong is repaired by a named rule (PRODUCT_NAME_NORMALISED,
// CUSTOMER_NAME_NORMALISED, STAGE_NAME_NORMALISED, AMOUNT_SEPARATORS_REMOVED, WHITE_SPACE_REMOVED), reported
// (NO_CUSTOMER, NO_OWNER, NO_PRODUCT, NO_OPEN_DATE, NO_AMOUNT), or rejects the row (REQUIRED, UNKNOWN_STAGE,
// UNKNOWN_PRODUCT, UNKNOWN_CUSTOMER, AMBIGUOUS_CUSTOMER, UNKNOWN_OWNER, AMBIGUOUS_OWNER, UNKNOWN_LEAD,
// MALFORMED_DATE, FUTURE_DATE, CLOSE_BEFORE_OPEN, MALFORMED_AMOUNT, NEGATIVE, TOO_PRECISE, AMOUNT_OVERFLOW,
// TOO_LONG): all of them, not the first. A deal without a lead is nothing to report. What was won or lost
// stands in the first stage of the process: how far it came is not told.
Interpretation Interpret(const ImportRow& row, const ImportFormat& format, const ImportReferences& references,
                         absl::Time now);

// "20-10-16", "01/03/2017", "2017-03-01", each part by the order; two digits of a year are 2000 … 2068 and
// 1969 … 1999, as POSIX has it. A time of day may follow, "26-02-2018 19:58" or "… 19:58:30"; otherwise it is
// when the day begins.
std::optional<absl::CivilSecond> ParseDate(std::string_view text, ImportFormat::DateOrder order);

}  // namespace crm::opportunity
