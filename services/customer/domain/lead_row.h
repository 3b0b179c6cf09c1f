#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "services/customer/domain/lead_types.h"

// From what people send to what is kept. Pure.
namespace crm::customer {

// Brings the fields into the form that is kept (tidy text, lower-case e-mail, E.164 where a phone allows it)
// and adds a violation for each rule that is broken: lengths, a malformed e-mail, and that one of company,
// contact, phone, e-mail, external id is there. Field names are `prefix` plus those of the API
// ("lead.email").
void TidyAndCheck(LeadDetails& details, std::string_view prefix, errors::Violations& violations);

struct LeadFileOptions {
  std::map<std::string, std::string>
      mapping;             // field → column of the file; headers that name a field need none
  std::string date_order;  // YYYY-MM-DD (also when empty), DD-MM-YYYY, MM-DD-YYYY
  absl::TimeZone time_zone = absl::UTCTimeZone();  // of times without one
};

// What the columns of a file mean.
class LeadColumns {
 public:
  // Recognises fields by header, English or Chinese, without regard to case, spaces and underscores. Columns
  // that name no field are kept as attributes. INVALID_ARGUMENT lists every fault: a mapping of an unknown
  // field or to a column that is not there, two columns for one field, and that no column says who the lead
  // is.
  static absl::StatusOr<LeadColumns> Recognise(const std::vector<std::string>& header,
                                               const LeadFileOptions& options);

  // One row. INVALID_ARGUMENT lists every broken rule under the field's name.
  struct Row {
    LeadDetails details;
    std::optional<absl::Time> occurred;
  };
  absl::StatusOr<Row> Read(const std::vector<std::string>& fields, absl::Time now) const;

  const std::map<std::string, std::string>& mapping() const { return mapping_; }  // column → field
  const std::vector<std::string>& attribute_columns() const { return attributes_; }

 private:
  std::vector<std::string> names_;  // of the columns; the attribute's name where no field is meant
  std::vector<int> fields_;         // index into the known fields per column; -1 = attribute
  std::map<std::string, std::string> mapping_;
  std::vector<std::string> attributes_;
  LeadFileOptions options_;
};

// "2018-02-01", "01/02/2018 19:58", RFC 3339 … by the order of `options`.
std::optional<absl::Time> ParseTime(std::string_view text, const LeadFileOptions& options);

}  // namespace crm::customer
