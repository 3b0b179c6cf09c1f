#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tools/demo/clients.h"

namespace crm::demo {

struct UploadOptions {
  std::string path, encoding, date_order;
  std::map<std::string, std::string> mapping;  // field → column
};

// Streams the file to ImportLeads. The request_id comes from the file's content and how it is to be read: the
// same file sent again goes on where it stopped, or answers what it brought. Throws Refused.
customer::v1::Import UploadLeads(const Clients& clients, const std::string& token,
                                 const UploadOptions& options);

// The first column whose name is "id" or ends in "_id"; empty when there is none.
std::string IdColumn(const UploadOptions& options);

}  // namespace crm::demo
