#pragma once
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/db/pool.h"
#include "common/rpc/executor.h"
#include "common/rpc/method.h"
#include "common/rpc/server.h"
#include "common/stream/consumer.h"
#include "crm/event/v1/event_log_service.grpc.pb.h"
#include "grpcpp/channel.h"

namespace crm::service {

// Serves this service's outbox as crm.event.v1.EventLogService. A caller that stops reading stops the
// reading.
class EventLogService final : public crm::event::v1::EventLogService::CallbackService {
 public:
  EventLogService(db::Pool& pool, rpc::Executor& executor, const rpc::Gate& gate)
      : pool_(pool), executor_(executor), gate_(gate) {}

  grpc::ServerWriteReactor<crm::event::v1::ReadEventsResponse>* ReadEvents(
      grpc::CallbackServerContext* context, const crm::event::v1::ReadEventsRequest* request) override;

 private:
  db::Pool& pool_;
  rpc::Executor& executor_;
  const rpc::Gate& gate_;
  const rpc::Method method_{"/crm.event.v1.EventLogService/ReadEvents"};
};

// The other end: reads another service's log with the service's own token.
stream::ReadEvents ReadEventsOf(std::shared_ptr<grpc::Channel> channel, std::string token);

}  // namespace crm::service
