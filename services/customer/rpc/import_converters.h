#pragma once
#include "crm/customer/v1/import_service.pb.h"
#include "services/customer/app/import_leads.h"
#include "services/customer/app/lead_imports.h"

namespace crm::customer {

// The first part of an upload, read and checked: every violation at once.
struct LeadUpload {
  imports::Options options;
  LeadFile file;
};
absl::StatusOr<LeadUpload> ToUpload(const v1::ImportLeadsHeader& header);

v1::Import ToProto(const LeadImport& import);
v1::ImportReject ToProto(const RejectedRow& row);

}  // namespace crm::customer
