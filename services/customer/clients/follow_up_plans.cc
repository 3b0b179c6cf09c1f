#include "services/customer/clients/follow_up_plans.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/base/timestamp.h"
#include "crm/opportunity/v1/activity_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace crm::customer {
namespace {

namespace v1 = crm::opportunity::v1;

constexpr absl::Duration kPatience = absl::Seconds(1);

std::vector<FollowUpPlan> PlansIn(const v1::ListActivitiesResponse& response) {
  std::vector<FollowUpPlan> plans;
  for (const v1::Activity& activity : response.activities()) {
    const auto id = Uuid::Parse(activity.id()), owner_id = Uuid::Parse(activity.owner_id());
    if (!id || !owner_id) continue;
    plans.push_back({*id, *owner_id, ToTime(activity.create_time())});
  }
  std::sort(plans.begin(), plans.end(),
            [](const auto& a, const auto& b) { return a.committed < b.committed; });
  return plans;
}

}  // namespace

FindPlans FindPlansOver(std::shared_ptr<grpc::Channel> opportunity, std::string token) {
  return [channel = std::move(opportunity), token = std::move(token)](const std::vector<Uuid>& lead_ids) {
    struct Call {
      grpc::ClientContext context;
      v1::ListActivitiesResponse response;
      grpc::Status status;
      std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ListActivitiesResponse>> reader;
    };
    const auto stub = v1::ActivityService::NewStub(channel);
    grpc::CompletionQueue queue;
    std::vector<std::unique_ptr<Call>> calls;
    for (const Uuid& lead_id : lead_ids) {  // all at once: they wait together
      Call& call = *calls.emplace_back(std::make_unique<Call>());
      call.context.AddMetadata("authorization", "Bearer " + token);
      call.context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
      v1::ListActivitiesRequest request;
      request.set_subject_id(lead_id.ToString());
      request.set_page_size(200);
      call.reader = stub->AsyncListActivities(&call.context, request, &queue);
      call.reader->Finish(&call.response, &call.status, &call);
    }
    void* tag = nullptr;
    bool ok = false;
    for (std::size_t i = 0; i < calls.size(); ++i) queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    std::map<Uuid, std::vector<FollowUpPlan>> plans;
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (calls[i]->status.ok()) plans[lead_ids[i]] = PlansIn(calls[i]->response);
    return plans;
  };
}

}  // namespace crm::customer
