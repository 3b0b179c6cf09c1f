#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

namespace crm::bench {

struct LoadOptions {
  std::string token;         // without "Bearer "
  int outstanding = 64;      // calls under way; of an open loop: the most there may be
  double offered_per_s = 0;  // 0 = closed loop: a call begins when another ends
  absl::Duration warm_up = absl::Milliseconds(500);
  absl::Duration length = absl::Seconds(3);
};

struct LoadResult {
  std::int64_t calls = 0, errors = 0;
  double rate = 0;                             // good answers per second
  double p50_ms = 0, p99_ms = 0, p999_ms = 0;  // of an open loop: from when the call should have begun
  std::string first_error;
};

// The figures of the calls that ended within the measured time; `latencies_ms` in any order.
LoadResult Summarize(std::vector<float> latencies_ms, std::int64_t errors, absl::Duration length,
                     std::string first_error);

// Calls one unary method from one thread over one channel. `fill(request, n)` makes the n-th request, counted
// from 0 over warm-up and measurement.
template <class Stub, class Request, class Response>
class Load {
 public:
  using Prepare = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*)(
      grpc::ClientContext*, const Request&, grpc::CompletionQueue*);
  using Fill = std::function<void(Request&, std::uint64_t)>;

  Load(Stub& stub, Prepare prepare, Fill fill) : stub_(stub), prepare_(prepare), fill_(std::move(fill)) {}

  LoadResult Run(const LoadOptions& options) {
    options_ = options;
    begin_ = absl::Now();
    measure_ = begin_ + options.warm_up;
    end_ = measure_ + options.length;
    latencies_.clear();
    errors_ = 0;
    open_ = 0;
    const bool closed = options.offered_per_s <= 0;
    if (closed)
      for (int i = 0; i < options.outstanding; ++i) Begin(absl::Now());
    absl::Time next = begin_;
    for (;;) {
      const absl::Time now = absl::Now();
      while (!closed && now >= next && next < end_ && open_ < options.outstanding) {
        Begin(next);
        next += absl::Seconds(1 / options.offered_per_s);
      }
      if (open_ == 0 && now >= end_) break;
      void* tag = nullptr;
      bool ok = false;
      // At least once a second, to see that the time is over.
      const absl::Time wake =
          closed || next >= end_ || open_ >= options.outstanding ? now + absl::Seconds(1) : next;
      if (queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(wake)) != grpc::CompletionQueue::GOT_EVENT) continue;
      End(std::unique_ptr<Call>(static_cast<Call*>(tag)));
      if (closed && absl::Now() < end_) Begin(absl::Now());
    }
    return Summarize(std::move(latencies_), errors_, options.length, first_error_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
    grpc::Status status;
    absl::Time begin;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
  };

  void Begin(absl::Time due) {
    auto* call = new Call;
    call->begin = due;
    fill_(call->request, count_++);
    call->context.AddMetadata("authorization", "Bearer " + options_.token);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    call->reader = (stub_.*prepare_)(&call->context, call->request, &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
    ++open_;
  }
  void End(std::unique_ptr<Call> call) {
    --open_;
    const absl::Time now = absl::Now();
    if (!call->status.ok() && errors_++ == 0) first_error_ = call->status.error_message();
    if (call->status.ok() && now >= measure_ && now < end_)
      latencies_.push_back(static_cast<float>(absl::ToDoubleMilliseconds(now - call->begin)));
  }

  Stub& stub_;
  const Prepare prepare_;
  const Fill fill_;
  LoadOptions options_;
  grpc::CompletionQueue queue_;
  absl::Time begin_, measure_, end_;
  std::vector<float> latencies_;
  std::int64_t errors_ = 0;
  int open_ = 0;
  std::uint64_t count_ = 0;
  std::string first_error_;
};

}  // namespace crm::bench
