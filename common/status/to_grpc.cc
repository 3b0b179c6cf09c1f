#include "common/status/to_grpc.h"

#include <map>
#include <string>

#include "absl/strings/cord.h"
#include "google/rpc/status.pb.h"

namespace crm {
namespace {

constexpr absl::string_view kReason = "type.googleapis.com/google.rpc.ErrorInfo";

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  // They come in any order; an error is the same each time, its reason first.
  std::map<std::pair<bool, std::string>, std::string> payloads;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    payloads.emplace(std::pair(type_url != kReason, type_url), payload);
  });
  for (const auto& [key, payload] : payloads) {
    auto* detail = details.add_details();
    detail->set_type_url(key.second);
    detail->set_value(payload);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                      details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details()))
    for (const auto& detail : details.details())
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return result;
}

}  // namespace crm
