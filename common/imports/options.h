#pragma once
#include <string>

#include "common/base/csv.h"

namespace crm::imports {

struct Options {
  std::string request_id;  // whoever sends the file again under it goes on with its import
  std::string name{};      // for people
  CsvOptions csv{};
  std::size_t batch_rows = 1000;
};

// What the headers of all uploads say; `fields` is an rpc::Fields.
template <class Header, class Fields>
Options ToOptions(const Header& header, Fields& fields) {
  Options options;
  options.request_id = fields.Line("header.request_id", header.request_id(), 100, 1);
  options.name = fields.Line("header.name", header.name(), 200);
  if (header.delimiter().size() > 1)
    fields.Add("header.delimiter", "MALFORMED", "must be one character, or empty to find it out");
  if (!header.delimiter().empty()) options.csv.delimiter = header.delimiter().front();
  if (!header.encoding().empty()) options.csv.encoding = header.encoding();
  return options;
}

}  // namespace crm::imports
