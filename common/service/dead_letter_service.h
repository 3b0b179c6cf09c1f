#pragma once
#include "common/db/pool.h"
#include "common/rpc/executor.h"
#include "common/rpc/server.h"
#include "crm/event/v1/dead_letter_service.grpc.pb.h"

namespace crm::service {

// Binds DeadLetterService: what this service's consumer and scheduler have given up. All live as long as
// `server`.
void RegisterDeadLetters(rpc::Server& server, crm::event::v1::DeadLetterService::AsyncService& service,
                         db::Pool& pool, rpc::Executor& executor);

}  // namespace crm::service
