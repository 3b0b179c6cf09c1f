#include "services/customer/domain/lead_row.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/instant.h"
#include "common/base/text.h"

namespace crm::customer {
namespace {

struct KnownField {
  std::string_view name;  // in the API
  std::string LeadDetails::*member;
  std::size_t max;  // characters
};

constexpr KnownField kFields[] = {
    {"company", &LeadDetails::company, 300},
    {"contact_name", &LeadDetails::contact, 200},
    {"phone", &LeadDetails::phone, 50},
    {"email", &LeadDetails::email, 320},
    {"source", &LeadDetails::source, 100},
    {"campaign", &LeadDetails::campaign, 200},
    {"region", &LeadDetails::region, 200},
    {"industry", &LeadDetails::industry, 200},
    {"size", &LeadDetails::size, 100},
    {"note", &LeadDetails::note, 4000},
    {"external_id", &LeadDetails::external_id, 200},
};
constexpr int kOccurred = std::size(kFields);  // a field of its own kind
constexpr std::size_t kMaxAttributes = 200, kMaxKey = 100, kMaxValue = 2000;

// Headers as people write them, folded by HeaderKey.
struct Header {
  std::string_view key, field;
};
constexpr Header kHeaders[] = {
    {"company", "company"},
    {"companyname", "company"},
    {"公司", "company"},
    {"公司名称", "company"},
    {"contact", "contact_name"},
    {"contactname", "contact_name"},
    {"联系人", "contact_name"},
    {"姓名", "contact_name"},
    {"phone", "phone"},
    {"telephone", "phone"},
    {"mobile", "phone"},
    {"电话", "phone"},
    {"手机", "phone"},
    {"email", "email"},
    {"e-mail", "email"},
    {"邮箱", "email"},
    {"电子邮件", "email"},
    {"source", "source"},
    {"来源", "source"},
    {"region", "region"},
    {"地区", "region"},
    {"industry", "industry"},
    {"行业", "industry"},
    {"size", "size"},
    {"规模", "size"},
    {"campaign", "campaign"},
    {"活动", "campaign"},
    {"externalid", "external_id"},
    {"外部编号", "external_id"},
    {"occurredtime", "occurred_time"},
    {"发生时间", "occurred_time"},
    {"note", "note"},
    {"备注", "note"},
};

std::string HeaderKey(std::string_view header) {
  std::string key;
  for (const char c : text::Normalise(header))
    if (c != ' ' && c != '_') key += c;
  return key;
}

int FieldIndex(std::string_view name) {
  if (name == "occurred_time") return kOccurred;
  for (int i = 0; i < kOccurred; ++i)
    if (kFields[i].name == name) return i;
  return -1;
}

int Recognised(std::string_view header) {
  const std::string key = HeaderKey(header);
  for (const Header& known : kHeaders)
    if (known.key == key) return FieldIndex(known.field);
  return -1;
}

std::string_view NameOf(int field) { return field == kOccurred ? "occurred_time" : kFields[field].name; }

bool SaysWho(int field) {
  const std::string_view name = NameOf(field);
  return name == "company" || name == "contact_name" || name == "phone" || name == "email" ||
         name == "external_id";
}

std::optional<absl::Time> Representable(absl::Time time) {
  return IsRepresentable(time) ? std::optional(time) : std::nullopt;
}

void CheckLength(std::string_view value, std::size_t max, const std::string& field,
                 errors::Violations& violations) {
  if (value.size() > max && text::Length(value) > max)
    violations.Add(field, "TOO_LONG", absl::StrCat("at most ", max, " characters"));
}

}  // namespace

void TidyAndCheck(LeadDetails& details, std::string_view prefix, errors::Violations& violations) {
  const auto path = [&](std::string_view field) { return std::string(prefix) + std::string(field); };
  bool readable = true;
  for (const KnownField& field : kFields) {
    std::string& value = details.*field.member;
    if (value.empty()) continue;
    if (text::InvalidUtf8(value)) {
      violations.Add(path(field.name), "BAD_ENCODING", "text must be UTF-8 without U+0000");
      readable = false;
      continue;
    }
    value = text::Tidy(value);
    CheckLength(value, field.max, path(field.name), violations);
  }
  if (!readable) return;
  if (!details.email.empty()) {
    if (auto email = text::Email(details.email)) {
      details.email = *std::move(email);
    } else {
      violations.Add(path("email"), "MALFORMED", "an e-mail address looks like name@example.com");
    }
  }
  if (!details.phone.empty())
    if (auto phone = text::Phone(details.phone)) details.phone = *std::move(phone);

  if (details.attributes.size() > kMaxAttributes)
    violations.Add(path("attributes"), "TOO_MANY", absl::StrCat("at most ", kMaxAttributes, " attributes"));
  std::map<std::string, std::string> attributes;
  for (const auto& [key, value] : details.attributes) {
    if (text::InvalidUtf8(key) || text::InvalidUtf8(value)) {
      violations.Add(path("attributes"), "BAD_ENCODING", "text must be UTF-8 without U+0000");
      continue;
    }
    std::string tidy_key = text::Tidy(key), tidy_value = text::Tidy(value);
    CheckLength(tidy_key, kMaxKey, path("attributes"), violations);
    CheckLength(tidy_value, kMaxValue, path(absl::StrCat("attributes[\"", tidy_key, "\"]")), violations);
    if (!tidy_key.empty() && !tidy_value.empty())
      attributes.emplace(std::move(tidy_key), std::move(tidy_value));
  }
  details.attributes = std::move(attributes);

  if (details.company.empty() && details.contact.empty() && details.phone.empty() && details.email.empty() &&
      details.external_id.empty())
    violations.Add(prefix.empty() ? "company" : std::string(prefix.substr(0, prefix.size() - 1)), "REQUIRED",
                   "a lead needs at least one of company, contact_name, phone, email, external_id");
}

absl::StatusOr<LeadColumns> LeadColumns::Recognise(const std::vector<std::string>& header,
                                                   const LeadFileOptions& options) {
  errors::Violations violations;
  LeadColumns columns;
  columns.options_ = options;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string name = text::Tidy(header[i]);
    if (name.empty()) name = absl::StrCat("column_", i + 1);
    columns.names_.push_back(std::move(name));
  }
  columns.fields_.assign(header.size(), -1);

  std::vector<bool> filled(kOccurred + 1, false);
  for (const auto& [wanted, column] : options.mapping) {
    const std::string path = absl::StrCat("header.mapping[\"", wanted, "\"]");
    int field = FieldIndex(wanted);
    if (field < 0) field = Recognised(wanted);
    const auto found = std::find(columns.names_.begin(), columns.names_.end(), text::Tidy(column));
    if (field < 0)
      violations.Add(path, "UNKNOWN_FIELD", "not a field of a lead; leave it out to keep an attribute");
    if (found == columns.names_.end())
      violations.Add(path, "UNKNOWN_COLUMN",
                     absl::StrCat("the file has no column \"", column, "\"; its header is the first line"));
    if (field < 0 || found == columns.names_.end()) continue;
    columns.fields_[static_cast<std::size_t>(found - columns.names_.begin())] = field;
    filled[static_cast<std::size_t>(field)] = true;
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (columns.fields_[i] >= 0) continue;
    const int field = Recognised(columns.names_[i]);
    if (field < 0 || options.mapping.contains(std::string(NameOf(field)))) continue;
    if (filled[static_cast<std::size_t>(field)]) {
      violations.Add("header", "DUPLICATE_COLUMN",
                     absl::StrCat("\"", columns.names_[i], "\" and another column fill ",
                                  std::string(NameOf(field)), "; map one of them"));
      continue;
    }
    columns.fields_[i] = field;
    filled[static_cast<std::size_t>(field)] = true;
  }
  bool says_who = false;
  for (int field = 0; field < kOccurred; ++field)
    says_who |= filled[static_cast<std::size_t>(field)] && SaysWho(field);
  if (!says_who)
    violations.Add(
        "header", "MISSING_COLUMN",
        "no column fills company, contact_name, phone, email or external_id; name one so, or map it");
  if (absl::Status status = violations.ToStatus(); !status.ok()) return status;

  for (std::size_t i = 0; i < header.size(); ++i) {
    if (columns.fields_[i] < 0) {
      columns.attributes_.push_back(columns.names_[i]);
    } else {
      columns.mapping_[columns.names_[i]] = NameOf(columns.fields_[i]);
    }
  }
  return columns;
}

absl::StatusOr<LeadColumns::Row> LeadColumns::Read(const std::vector<std::string>& fields,
                                                   absl::Time now) const {
  errors::Violations violations;
  const bool surplus =
      std::any_of(fields.begin() + static_cast<std::ptrdiff_t>(std::min(fields.size(), names_.size())),
                  fields.end(), [](const std::string& field) { return !field.empty(); });
  if (fields.size() < names_.size() || surplus) {
    violations.Add("row", "COLUMN_COUNT",
                   absl::StrCat("the row has ", fields.size(), " fields and the header ", names_.size()));
    return violations.ToStatus();
  }
  Row row;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (fields[i].empty()) continue;
    if (fields_[i] < 0) {
      row.details.attributes.emplace(names_[i], fields[i]);
    } else if (fields_[i] == kOccurred) {
      row.occurred = ParseTime(fields[i], options_);
      if (!row.occurred) {
        violations.Add("occurred_time", "MALFORMED", "a date as the import's date order says, or RFC 3339");
      } else if (*row.occurred > now) {
        violations.Add("occurred_time", "IN_FUTURE", "it cannot have happened yet");
      }
    } else {
      row.details.*kFields[fields_[i]].member = fields[i];
    }
  }
  TidyAndCheck(row.details, "", violations);
  if (absl::Status status = violations.ToStatus(); !status.ok()) return status;
  return row;
}

std::optional<absl::Time> ParseTime(std::string_view given, const LeadFileOptions& options) {
  const std::string text = text::Tidy(given);
  absl::Time instant;
  if (text.find('T') != std::string::npos && absl::ParseTime(absl::RFC3339_full, text, &instant, nullptr))
    return Representable(instant);

  std::vector<int> numbers;
  std::vector<std::size_t> digits;
  for (std::size_t i = 0; i < text.size();) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      if (std::string_view("-/.: T").find(text[i]) == std::string_view::npos) return std::nullopt;
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) ++i;
    int number;
    if (i - begin > 4 || !absl::SimpleAtoi(text.substr(begin, i - begin), &number)) return std::nullopt;
    numbers.push_back(number);
    digits.push_back(i - begin);
  }
  if (numbers.size() != 3 && numbers.size() != 5 && numbers.size() != 6) return std::nullopt;
  int year = numbers[0], month = numbers[1], day = numbers[2];
  std::size_t year_digits = digits[0];
  if (options.date_order == "DD-MM-YYYY" || options.date_order == "MM-DD-YYYY") {
    year = numbers[2];
    year_digits = digits[2];
    day = numbers[options.date_order[0] == 'D' ? 0 : 1];
    month = numbers[options.date_order[0] == 'D' ? 1 : 0];
  }
  if (year_digits == 2) year += year < 70 ? 2000 : 1900;
  if (year_digits != 2 && year_digits != 4) return std::nullopt;
  const int hour = numbers.size() > 3 ? numbers[3] : 0, minute = numbers.size() > 4 ? numbers[4] : 0,
            second = numbers.size() > 5 ? numbers[5] : 0;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  if (civil.year() != year || civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second)
    return std::nullopt;  // 31 February
  return Representable(absl::FromCivil(civil, options.time_zone));
}

}  // namespace crm::customer
