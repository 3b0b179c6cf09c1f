#include "services/customer/rpc/import_converters.h"

#include "common/base/time_zone.h"
#include "common/rpc/fields.h"

namespace crm::customer {

using rpc::ToTimestamp;

absl::StatusOr<LeadUpload> ToUpload(const v1::ImportLeadsHeader& header) {
  rpc::Fields fields;
  LeadUpload upload;
  upload.options = imports::ToOptions(header, fields);
  LeadFile& file = upload.file;
  file.org_unit_id = fields.OptionalId("header.org_unit_id", header.org_unit_id());
  file.history = header.history();
  file.format.mapping.insert(header.mapping().begin(), header.mapping().end());
  file.format.date_order = header.date_order();
  if (const auto& order = header.date_order();
      !order.empty() && order != "YYYY-MM-DD" && order != "DD-MM-YYYY" && order != "MM-DD-YYYY")
    fields.Add("header.date_order", "UNKNOWN_VALUE", "must be YYYY-MM-DD, DD-MM-YYYY or MM-DD-YYYY");
  if (const auto zone = FindTimeZone(header.time_zone()))
    file.format.time_zone = *zone;
  else if (!header.time_zone().empty())
    fields.Add("header.time_zone", "UNKNOWN_VALUE", "must be an IANA time zone such as Asia/Shanghai");
  if (!fields.status().ok()) return fields.status();
  return upload;
}

v1::Import ToProto(const LeadImport& import) {
  v1::Import proto;
  proto.set_id(import.id.ToString());
  proto.set_kind("leads");
  proto.set_name(import.name);
  proto.set_state(static_cast<v1::ImportState>(static_cast<int>(import.state) + 1));
  proto.set_rows_read(import.rows_read);
  proto.set_rows_imported(import.rows_imported);
  proto.set_rows_duplicate(import.rows_duplicate);
  proto.set_rows_rejected(import.rows_rejected);
  proto.set_committed_line(import.committed_line);
  proto.mutable_mapping()->insert(import.mapping.begin(), import.mapping.end());
  proto.mutable_attribute_columns()->Assign(import.attribute_columns.begin(), import.attribute_columns.end());
  proto.set_failure(import.failure);
  proto.set_owner_id(import.owner_id.nil() ? "" : import.owner_id.ToString());
  proto.set_org_unit_id(import.org_unit_id.nil() ? "" : import.org_unit_id.ToString());
  *proto.mutable_create_time() = ToTimestamp(import.create_time);
  *proto.mutable_update_time() = ToTimestamp(import.update_time);
  return proto;
}

v1::ImportReject ToProto(const RejectedRow& row) {
  v1::ImportReject proto;
  proto.set_line(row.line);
  proto.set_row(row.content);
  for (const errors::Violation& violation : row.violations) {
    v1::ImportReject::Violation& added = *proto.add_violations();
    added.set_field(violation.field);
    added.set_reason(violation.reason);
    added.set_description(violation.description);
  }
  return proto;
}

}  // namespace crm::customer
