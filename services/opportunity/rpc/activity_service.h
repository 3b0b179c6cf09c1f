#pragma once
#include "crm/opportunity/v1/activity_service.grpc.pb.h"
#include "crm/opportunity/v1/notification_service.grpc.pb.h"
#include "services/opportunity/rpc/opportunity_service.h"

namespace crm::opportunity {

// ActivityService and NotificationService: what people plan, and what they are told. Lives as long as the
// server.
class ActivityHandlers {
 public:
  explicit ActivityHandlers(const Workshop& shop);
  void Register(rpc::Server& server);

 private:
  absl::StatusOr<v1::ListActivitiesResponse> List(const rpc::Context& context,
                                                  const v1::ListActivitiesRequest& request);
  absl::StatusOr<v1::ListNotificationsResponse> List(const rpc::Context& context,
                                                     const v1::ListNotificationsRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::WriteCoalescer<ScheduleActivity> schedule_;
  rpc::WriteCoalescer<CompleteActivity> complete_;
  rpc::WriteCoalescer<MarkNotificationRead> mark_read_;
  v1::ActivityService::AsyncService activities_;
  v1::NotificationService::AsyncService notifications_;
};

}  // namespace crm::opportunity
