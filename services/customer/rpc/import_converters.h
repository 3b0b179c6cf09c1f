#pragma once
#include "crm/customer/v1/import_service.pb.h"
#include "services/customer/app/lead_upload.h"

namespace crm::customer {

// The first part of an upload, read and checked: every violation at once.
struct UploadHeader {
  std::string request_id, name;
  Uuid org_unit_id;  // nil: the caller's
  LeadUploadOptions options;
};
absl::StatusOr<UploadHeader> ToUploadHeader(const v1::ImportLeadsHeader& header);

v1::Import ToProto(const LeadImport& import);
v1::ImportReject ToProto(const RejectedRow& row);

}  // namespace crm::customer
