#include "services/opportunity/rpc/activity_service.h"

#include "services/opportunity/app/complete_activity.h"
#include "services/opportunity/app/notify.h"
#include "services/opportunity/app/schedule_activity.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {

ActivityHandlers::ActivityHandlers(const Workshop& shop)
    : pool_(shop.pool),
      reports_(shop.reports),
      schedule_(shop.writes, [&work = shop.unit, &peers = shop.peers](
                                 auto set) { return ScheduleActivities(work, peers, set); }),
      complete_(shop.writes, [&work = shop.unit](auto set) { return CompleteActivities(work, set); }),
      mark_read_(shop.writes, [&work = shop.unit](auto set) { return MarkNotificationsRead(work, set); }) {}

void ActivityHandlers::Register(rpc::Server& server) {
  using namespace v1;
  server.Unary(activities_, "ScheduleActivity",
               rpc::Write<ScheduleActivityRequest, ScheduleActivityResponse>(
                   schedule_, ToCommand, &ScheduleActivityResponse::mutable_activity));
  server.Unary(activities_, "CompleteActivity",
               rpc::Write<CompleteActivityRequest, CompleteActivityResponse>(
                   complete_, ToCommand, &CompleteActivityResponse::mutable_activity));
  server.Unary(
      activities_, "ListActivities",
      rpc::Alone<ListActivitiesRequest, ListActivitiesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(
      notifications_, "ListNotifications",
      rpc::Alone<ListNotificationsRequest, ListNotificationsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(notifications_, "MarkNotificationRead",
               rpc::Write<MarkNotificationReadRequest, MarkNotificationReadResponse>(
                   mark_read_, ToCommand, &MarkNotificationReadResponse::mutable_notification));
}

absl::StatusOr<v1::ListActivitiesResponse> ActivityHandlers::List(const rpc::Context& context,
                                                                  const v1::ListActivitiesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  ActivityFilter filter;
  filter.owner_id = OptionalId(fields, "owner_id", request.owner_id());
  filter.subject_id = OptionalId(fields, "subject_id", request.subject_id());
  if (fields.Enum("status", request.status(), v1::ActivityStatus_IsValid(request.status())))
    filter.status = FromEnum<Activity::Status>(request.status());
  if (!fields.status().ok()) return fields.status();
  auto found = ActivitiesLike(pool_, context.caller, filter, page);
  if (!found.ok()) return found.status();
  v1::ListActivitiesResponse response;
  response.set_next_page_token(paging.Cut(
      *found, [](const Activity& activity) { return PositionOf(activity.start_time, activity.id); }));
  for (const Activity& activity : *found) *response.add_activities() = ToMessage(activity);
  return response;
}

absl::StatusOr<v1::ListNotificationsResponse> ActivityHandlers::List(
    const rpc::Context& context, const v1::ListNotificationsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  if (!fields.status().ok()) return fields.status();
  auto found = NotificationsOf(pool_, context.caller, request.unread_only(), page);
  if (!found.ok()) return found.status();
  v1::ListNotificationsResponse response;
  response.set_next_page_token(paging.Cut(*found, ByCreation<Notification>));
  for (const Notification& notification : *found) *response.add_notifications() = ToMessage(notification);
  return response;
}

}  // namespace crm::opportunity
