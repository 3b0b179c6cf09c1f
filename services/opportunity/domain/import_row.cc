#include "services/opportunity/domain/import_row.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/instant.h"
#include "common/base/text.h"

namespace crm::opportunity {
namespace {

// One row on its way to an opportunity.
class Reader {
 public:
  Reader(const ImportRow& row, const ImportFormat& format, const ImportReferences& references, absl::Time now)
      : row_(row), format_(format), references_(references), now_(now) {}

  Interpretation Read() &&;

 private:
  using Kind = Finding::Kind;

  void Note(Kind kind, const char* field, const char* reason, std::string description,
            const std::string& value) {
    findings_.push_back({row_.line, static_cast<int>(findings_.size()), kind, field, reason,
                         std::move(description), text::Cut(value, kMaxFindingValue)});
  }
  std::string Tidy(const char* field, const std::string& value, std::size_t max);
  void ReadStage();
  void ReadCustomer();
  void ReadOwner();
  void ReadProduct();
  void ReadAmount();
  void ReadTimes();
  void ReadLead();
  struct Date {
    absl::CivilDay day;
    absl::Time time;  // when the day begins, unless a time of day is given
    bool has_time_of_day = false;
  };
  std::optional<Date> ReadDate(const char* field, const std::string& value);
  void RequirePast(const char* field, const std::optional<Date>& date, const std::string& value);

  const ImportRow& row_;
  const ImportFormat& format_;
  const ImportReferences& references_;
  const absl::Time now_;
  Opportunity o_;
  bool says_name_ = false, says_owner_ = false, says_open_date_ = false, says_source_ = false;
  absl::Time close_day_ends_ = absl::InfinitePast();
  std::vector<Finding> findings_;
};

std::string Reader::Tidy(const char* field, const std::string& value, std::size_t max) {
  std::string tidy = text::Tidy(value);
  if (text::Length(tidy) > max)
    Note(Kind::kRejected, field, "TOO_LONG", absl::StrCat("at most ", max, " characters"), value);
  else if (!tidy.empty() && tidy != value)
    Note(Kind::kRepaired, field, "WHITE_SPACE_REMOVED", "surplus white space and control characters dropped",
         value);
  return tidy;
}

void Reader::ReadStage() {
  const std::string stage = Tidy("stage", row_.stage, 200);
  const std::string key = text::Normalise(stage);
  const auto& stages = references_.process->stages;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::count(names, key) > 0;
  };
  if (key.empty())
    return Note(Kind::kRejected, "stage", "REQUIRED", "say where the opportunity stands", row_.stage);
  if (is({"won", "closed won", "赢单", "成交"})) {
    o_.status = Status::kWon;
  } else if (is({"lost", "closed lost", "输单", "丢单"})) {
    o_.status = Status::kLost;
  } else {
    const auto found = std::ranges::find_if(stages, [&](const Stage& s) {
      return text::Normalise(s.key) == key || text::Normalise(s.name) == key;
    });
    if (found == stages.end())
      return Note(Kind::kRejected, "stage", "UNKNOWN_STAGE",
                  "neither Won, Lost nor a stage of the sales process", row_.stage);
    o_.stage = found->key;
    return;
  }
  o_.stage = stages.front().key;
}

void Reader::ReadCustomer() {
  const std::string name = Tidy("customer", row_.customer, 300);
  if (name.empty())
    return Note(Kind::kReported, "customer", "NO_CUSTOMER", "imported without a customer", row_.customer);
  const auto found = references_.customers.find(name);
  if (found == references_.customers.end())
    return Note(Kind::kRejected, "customer", "UNKNOWN_CUSTOMER",
                "no customer has this name or external_id; create it first", row_.customer);
  if (found->second.ambiguous)
    return Note(Kind::kRejected, "customer", "AMBIGUOUS_CUSTOMER",
                "several customers have this name; write the external_id of one", row_.customer);
  o_.customer_id = found->second.id;
  o_.customer_name = found->second.name;
  if (o_.customer_name != name)
    Note(Kind::kRepaired, "customer", "CUSTOMER_NAME_NORMALISED",
         absl::StrCat("taken for \"", o_.customer_name, "\""), row_.customer);
}

void Reader::ReadOwner() {
  o_.owner_id = references_.importer_id;
  o_.org_unit_id = references_.importer_org_unit_id;
  const std::string name = Tidy("owner", row_.owner, 200);
  if (name.empty())
    return Note(Kind::kReported, "owner", "NO_OWNER", "belongs to whoever imports it", row_.owner);
  const auto found = references_.owners.find(name);
  if (found == references_.owners.end())
    return Note(Kind::kRejected, "owner", "UNKNOWN_OWNER", "no employee has this name, login or external_id",
                row_.owner);
  if (found->second.ambiguous)
    return Note(Kind::kRejected, "owner", "AMBIGUOUS_OWNER",
                "several employees have this name; write the login or external_id of one", row_.owner);
  says_owner_ = true;
  o_.owner_id = found->second.id;
  o_.org_unit_id = found->second.org_unit_id;
}

void Reader::ReadProduct() {
  const std::string name = Tidy("product", row_.product, 300);
  if (name.empty())
    return Note(Kind::kReported, "product", "NO_PRODUCT", "imported without a product", row_.product);
  const auto found = references_.products.find(ProductKey(name));
  if (found == references_.products.end())
    return Note(Kind::kRejected, "product", "UNKNOWN_PRODUCT", "no product has this name; create it first",
                row_.product);
  const Product& product = found->second;
  o_.details.product_ids = {product.id};
  o_.details.product_names = {product.name};
  if (product.name != name)
    Note(Kind::kRepaired, "product", "PRODUCT_NAME_NORMALISED",
         absl::StrCat("taken for \"", product.name, "\""), row_.product);
}

void Reader::ReadAmount() {
  std::string text = Tidy("amount", row_.amount, 50);
  if (text.empty()) {
    if (o_.status == Status::kWon)
      Note(Kind::kReported, "amount", "NO_AMOUNT", "won, but for how much is not said", row_.amount);
    return;
  }
  if (std::erase_if(text, [](char c) { return c == ',' || c == ' '; }) > 0)
    Note(Kind::kRepaired, "amount", "AMOUNT_SEPARATORS_REMOVED", absl::StrCat("read as ", text), row_.amount);
  const bool negative = text.starts_with('-');
  const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  const auto point = digits.find('.');
  const std::string_view whole = digits.substr(0, point);
  std::string fraction(point == digits.npos ? std::string_view() : digits.substr(point + 1));
  const auto all_digits = [](std::string_view s) {
    return std::ranges::all_of(s, [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction))
    return Note(Kind::kRejected, "amount", "MALFORMED_AMOUNT", "write a number like 1054 or 1054.50",
                row_.amount);
  if (negative) return Note(Kind::kRejected, "amount", "NEGATIVE", "an amount is 0 or more", row_.amount);
  const std::size_t places = CurrencyDigits(format_.currency);
  while (fraction.size() > places && fraction.back() == '0') fraction.pop_back();
  if (fraction.size() > places)
    return Note(Kind::kRejected, "amount", "TOO_PRECISE",
                absl::StrCat(format_.currency, " has ", places, " digits behind the point"), row_.amount);
  fraction.resize(places, '0');
  std::int64_t minor_units = 0;
  if (!absl::SimpleAtoi(absl::StrCat(std::string(whole), fraction), &minor_units) ||
      minor_units > kLargestAmount)
    return Note(Kind::kRejected, "amount", "AMOUNT_OVERFLOW", "exceeds the largest amount", row_.amount);
  o_.details.amount = Money{format_.currency, minor_units};
}

std::optional<Reader::Date> Reader::ReadDate(const char* field, const std::string& value) {
  const std::string text = Tidy(field, value, 50);
  if (text.empty()) return std::nullopt;
  const auto read = ParseDate(text, format_.date_order);
  const absl::Time time = absl::FromCivil(read.value_or(absl::CivilSecond()), format_.time_zone);
  if (read && IsRepresentable(time)) return Date{absl::CivilDay(*read), time, text.find(' ') != text.npos};
  Note(Kind::kRejected, field, "MALFORMED_DATE",
       "no date of the years 1 to 9999 in the order that date_order states, with or without a time of day",
       value);
  return std::nullopt;
}

void Reader::RequirePast(const char* field, const std::optional<Date>& date, const std::string& value) {
  if (date && date->time > now_)
    Note(Kind::kRejected, field, "FUTURE_DATE", "history lies in the past", value);
}

// The close date of what is still open is when it is expected to close.
void Reader::ReadTimes() {
  const auto opened = ReadDate("open_date", row_.open_date);
  auto closed = ReadDate("close_date", row_.close_date);
  const bool open = o_.status == Status::kOpen;
  RequirePast("open_date", opened, row_.open_date);
  if (!open) RequirePast("close_date", closed, row_.close_date);
  if (text::Tidy(row_.open_date).empty())
    Note(Kind::kReported, "open_date", "NO_OPEN_DATE",
         closed && !open ? "counts from the day it was closed" : "counts from the import", row_.open_date);
  if (!open && text::Tidy(row_.close_date).empty())
    Note(Kind::kRejected, "close_date", "REQUIRED", "say when it was won or lost", row_.close_date);
  if (closed && !closed->has_time_of_day)
    close_day_ends_ = absl::FromCivil(closed->day + 1, format_.time_zone);
  if (opened && closed) closed->time = CloseTime(closed->time, close_day_ends_, opened->time);
  if (opened && closed && closed->time < opened->time)
    Note(Kind::kRejected, "close_date", "CLOSE_BEFORE_OPEN", "closed before it was opened", row_.close_date);
  says_open_date_ = opened.has_value();
  o_.open_time = opened ? opened->time : closed && !open ? closed->time : now_;
  o_.stage_entered_time = o_.open_time;
  if (closed && open) o_.details.expected_close = closed->day;
  if (closed && !open) o_.close_time = closed->time;
}

void Reader::ReadLead() {
  const std::string external_id = Tidy("lead", row_.lead, 200);
  if (external_id.empty()) return;
  const auto found = references_.leads.find(external_id);
  if (found == references_.leads.end())
    return Note(Kind::kRejected, "lead", "UNKNOWN_LEAD", "no lead has this external_id; import it first",
                row_.lead);
  o_.lead_id = found->second.id;
  if (!says_source_) o_.source = found->second.source;
}

Interpretation Reader::Read() && {
  if (!row_.problem.empty()) {
    Note(Kind::kRejected, "row", row_.problem.c_str(), "the row cannot be read", "");
    return {.findings = std::move(findings_)};
  }
  o_.external_id = Tidy("external_id", row_.external_id, 200);
  if (o_.external_id.empty())
    Note(Kind::kRejected, "external_id", "REQUIRED", "name the opportunity's key", row_.external_id);
  ReadStage();
  ReadCustomer();
  ReadOwner();
  ReadProduct();
  ReadAmount();
  ReadTimes();
  o_.source = Tidy("source", row_.source, 100);
  says_source_ = !o_.source.empty();
  ReadLead();
  o_.campaign = Tidy("campaign", row_.campaign, 200);
  o_.details.name = Tidy("name", row_.name, 300);
  says_name_ = !o_.details.name.empty();
  if (!says_name_) {
    o_.details.name = o_.details.product_names.empty() ? o_.external_id : o_.details.product_names.front();
    if (!o_.customer_name.empty()) o_.details.name += " – " + o_.customer_name;
  }
  const std::string reason = Tidy("reason", row_.reason, 100);
  if (o_.status != Status::kOpen) o_.close_reason = reason.empty() ? "imported" : reason;

  const bool rejected = std::ranges::count(findings_, Kind::kRejected, &Finding::kind) > 0;
  if (rejected) return {.findings = std::move(findings_)};
  o_.process_id = references_.process->id;
  o_.create_time = o_.update_time = now_;
  return {std::move(o_), says_name_,      says_owner_,         says_open_date_,
          says_source_,  close_day_ends_, std::move(findings_)};
}

std::optional<absl::CivilDay> ParseDay(std::string_view text, ImportFormat::DateOrder order) {
  int parts[3] = {}, count = 0;
  std::size_t digits[3] = {};
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) && count < 3 &&
        digits[count] < 4) {
      parts[count] = parts[count] * 10 + (text[i] - '0');
      ++digits[count];
    } else if (count < 3 && digits[count] > 0 &&
               (i == text.size() || text[i] == '-' || text[i] == '/' || text[i] == '.')) {
      ++count;
    } else {
      return std::nullopt;
    }
  }
  if (count != 3) return std::nullopt;
  using enum ImportFormat::DateOrder;
  const int y = order == kYearMonthDay ? 0 : 2, m = order == kMonthDayYear ? 0 : 1, d = 3 - y - m;
  if (digits[y] == 2) parts[y] += parts[y] < 69 ? 2000 : 1900;
  if (digits[y] == 3 || digits[y] == 1 || digits[m] > 2 || digits[d] > 2) return std::nullopt;
  const absl::CivilDay day(parts[y], parts[m], parts[d]);
  if (day.year() != parts[y] || day.month() != parts[m] || day.day() != parts[d]) return std::nullopt;
  return day;
}

// "9:05", "19:58", "19:58:30".
std::optional<absl::CivilSecond> AtTimeOfDay(const absl::CivilDay& day, std::string clock) {
  if (clock.find(':') == 1) clock = absl::StrCat("0", clock);
  if (clock.size() != 5 && clock.size() != 8) return std::nullopt;
  for (std::size_t i = 0; i < clock.size(); ++i)
    if (i % 3 == 2 ? clock[i] != ':' : std::isdigit(static_cast<unsigned char>(clock[i])) == 0)
      return std::nullopt;
  const auto part = [&](std::size_t at) { return (clock[at] - '0') * 10 + clock[at + 1] - '0'; };
  const int hour = part(0), minute = part(3), second = clock.size() == 8 ? part(6) : 0;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute, second);
}

}  // namespace

absl::Time CloseTime(absl::Time told, absl::Time day_ends, absl::Time opened) {
  return told < opened && opened < day_ends ? opened : told;
}

Interpretation Interpret(const ImportRow& row, const ImportFormat& format, const ImportReferences& references,
                         absl::Time now) {
  return Reader(row, format, references, now).Read();
}

std::optional<absl::CivilSecond> ParseDate(std::string_view text, ImportFormat::DateOrder order) {
  const auto space = text.find(' ');
  const auto day = ParseDay(text.substr(0, space), order);
  if (!day || space == text.npos) return day;
  return AtTimeOfDay(*day, std::string(text.substr(space + 1)));
}

}  // namespace crm::opportunity
