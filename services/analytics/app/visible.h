#pragma once
#include "absl/status/statusor.h"
#include "common/auth/scope.h"
#include "common/status/errors.h"
#include "services/analytics/app/reports.h"
#include "services/analytics/storage/report_store.h"

namespace crm::analytics {

// The rows of a dimension that the caller may see.
inline absl::StatusOr<Selection> Visible(const ReportContext& context, std::string_view dimension) {
  const auth::Scope scope = auth::Scope::Of(*context.caller.principal, kRead);
  if (!scope.owner()) return Selection{std::string(dimension), std::nullopt};
  if (dimension == dimension::kTotal || dimension == dimension::kOwner)
    return Selection{std::string(dimension::kOwner), scope.owner()->ToString()};
  return errors::PermissionMissing(kRead);
}

}  // namespace crm::analytics
