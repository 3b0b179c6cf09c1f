#include "services/opportunity/domain/import_columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/status/errors.h"

namespace crm::opportunity {
namespace {

struct KnownField {
  std::string_view name;
  std::string ImportRow::*member;
  std::string_view headers;  // other names people use, folded by HeaderKey
};

constexpr KnownField kFields[] = {
    {"external_id", &ImportRow::external_id, " opportunityid 商机编号 编号 "},
    {"name", &ImportRow::name, " opportunityname 商机名称 名称 "},
    {"customer", &ImportRow::customer, " account company 客户 公司 "},
    {"owner", &ImportRow::owner, " salesagent salesperson 负责人 销售 "},
    {"product", &ImportRow::product, " 产品 "},
    {"stage", &ImportRow::stage, " dealstage status 阶段 状态 "},
    {"amount", &ImportRow::amount, " closevalue value 金额 "},
    {"open_date", &ImportRow::open_date, " engagedate opendate occurredtime 开始日期 "},
    {"close_date", &ImportRow::close_date, " closedate 关闭日期 成交日期 "},
    {"reason", &ImportRow::reason, " closereason 原因 "},
    {"source", &ImportRow::source, " 来源 "},
    {"campaign", &ImportRow::campaign, " 活动 "},
    {"lead", &ImportRow::lead, " leadid mqlid 线索 线索编号 "},
};
constexpr int kFieldCount = std::size(kFields);

std::string HeaderKey(std::string_view header) {
  std::string key;
  for (const char c : text::Normalise(header))
    if (c != ' ' && c != '_' && c != '-') key += c;
  return key;
}

int FieldNamed(std::string_view name) {
  for (int i = 0; i < kFieldCount; ++i)
    if (kFields[i].name == name) return i;
  return -1;
}

int FieldLike(std::string_view header) {
  const std::string key = HeaderKey(header);
  if (key.empty()) return -1;
  for (int i = 0; i < kFieldCount; ++i)
    if (HeaderKey(kFields[i].name) == key ||
        kFields[i].headers.find(" " + key + " ") != std::string_view::npos)
      return i;
  return -1;
}

}  // namespace

std::string_view ValueOf(const ImportRow& row, std::string_view field) {
  const int index = FieldNamed(field);
  return index < 0 ? std::string_view() : row.*(kFields[index].member);
}

absl::StatusOr<ImportColumns> ImportColumns::Recognise(const std::vector<std::string>& header,
                                                       const std::map<std::string, std::string>& mapping) {
  errors::Violations violations;
  ImportColumns columns;
  columns.column_of_field_.assign(kFieldCount, -1);
  std::vector<bool> is_claimed(header.size(), false);
  const auto claim = [&](int field, std::size_t column, const std::string& path) {
    int& claimed = columns.column_of_field_[field];
    if (claimed >= 0) {
      violations.Add(path, "DUPLICATE_COLUMN",
                     absl::StrCat("the columns \"", header[claimed], "\" and \"", header[column],
                                  "\" both fill ", std::string(kFields[field].name), "; map one of them"));
      return;
    }
    claimed = static_cast<int>(column);
    is_claimed[column] = true;
  };
  for (const auto& [name, column] : mapping) {
    const std::string path = absl::StrCat("header.mapping[\"", name, "\"]");
    const int field = FieldNamed(name);
    const auto found = std::ranges::find(header, column);
    if (field < 0) violations.Add(path, "UNKNOWN_FIELD", "no such field of an opportunity");
    if (found == header.end())
      violations.Add(path, "UNKNOWN_COLUMN", absl::StrCat("the file has no column \"", column, "\""));
    if (field >= 0 && found != header.end()) claim(field, found - header.begin(), path);
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (is_claimed[i]) continue;
    const int field = FieldLike(header[i]);
    const bool mapped = field >= 0 && mapping.contains(std::string(kFields[field].name));
    if (field >= 0 && !mapped)
      claim(field, i, "header");
    else
      columns.ignored_.push_back(header[i]);
  }
  for (const std::string_view needed : {"external_id", "stage"})
    if (columns.column_of_field_[FieldNamed(needed)] < 0)
      violations.Add("header", "MISSING_COLUMN",
                     absl::StrCat("no column fills ", std::string(needed), "; map one in header.mapping"));
  if (!violations.empty()) return violations.ToStatus();
  return columns;
}

ImportRow ImportColumns::Read(std::int64_t line, const std::vector<std::string>& fields) const {
  ImportRow row;
  row.line = line;
  for (int field = 0; field < kFieldCount; ++field)
    if (const int column = column_of_field_[field]; column >= 0 && column < std::ssize(fields))
      row.*(kFields[field].member) = fields[column];
  return row;
}

}  // namespace crm::opportunity
