#pragma once
#include "services/gateway/backend/backend.h"
#include "services/gateway/http/task.h"

namespace crm::gateway {

// A streaming call without a deadline: it may have any number of steps, but a step for which the backend
// needs more than `patience` cancels the call.
class PatientCall {
 public:
  PatientCall(std::shared_ptr<StreamCall> call, const Executor& executor, absl::Duration patience)
      : call_(std::move(call)), timer_(executor), patience_(patience) {}

  // One operation of the call; `start` as that of Await.
  template <class Result, class Start>
  Task<Result> Step(Start start) {
    timer_.expires_after(absl::ToChronoMilliseconds(patience_));
    timer_.async_wait([call = call_, late = late_](const boost::system::error_code& error) {
      if (error) return;
      *late = true;
      call->Cancel();
    });
    Result result = co_await Await<Result>(std::move(start));
    timer_.cancel();
    co_return result;
  }

  const std::shared_ptr<StreamCall>& call() const { return call_; }
  StreamCall* operator->() const { return call_.get(); }
  // Patience has run out.
  bool late() const { return *late_; }

 private:
  const std::shared_ptr<StreamCall> call_;
  // Shared with the timer's handler, which may still run when the call is over.
  const std::shared_ptr<bool> late_ = std::make_shared<bool>(false);
  Timer timer_;
  const absl::Duration patience_;
};

}  // namespace crm::gateway
