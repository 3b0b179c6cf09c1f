#include "services/gateway/backend/backend.h"

#include <grpcpp/create_channel.h>
#include <pthread.h>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "common/telemetry/log.h"

namespace crm::gateway {
namespace {

class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

void Fill(grpc::ClientContext& context, const CallOptions& options) {
  if (options.deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(options.deadline));
  for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
}

// A service's errors carry details. One without was made by gRPC: its message, which may name addresses of
// the inside, goes to the log only.
grpc::Status Explained(const std::string& backend, grpc::Status status) {
  if (status.ok() || !status.error_details().empty()) return status;
  const std::string what = absl::StrCat("the service ", backend, " answers with code ",
                                        static_cast<int>(status.error_code()), ": ", status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED:
      return ToGrpc(errors::Cancelled());
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ToGrpc(errors::DeadlineExceeded());
    case grpc::StatusCode::UNAVAILABLE:
      LogWarn(what);
      return ToGrpc(errors::Unavailable(
          "BACKEND_UNAVAILABLE",
          "the service " + backend + " cannot be reached; try again after the delay given"));
    case grpc::StatusCode::UNIMPLEMENTED:
      return ToGrpc(errors::Make(absl::StatusCode::kUnimplemented, "NOT_IMPLEMENTED",
                                 "the service " + backend + " does not know this method"));
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      LogWarn(what);
      return ToGrpc(errors::Make(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                                 "the request or its answer is too large; ask for less at a time"));
    default:
      return ToGrpc(errors::Internal(what));
  }
}

class GenericUnaryCall final : public UnaryCall,
                               public Tag,
                               public std::enable_shared_from_this<GenericUnaryCall> {
 public:
  GenericUnaryCall(std::string backend, const CallOptions& options, Backend::Reply done)
      : backend_(std::move(backend)), done_(std::move(done)) {
    Fill(context_, options);
  }

  void Start(grpc::GenericStub& stub, const std::string& method, const grpc::ByteBuffer& request,
             grpc::CompletionQueue& queue) {
    self_ = shared_from_this();
    reader_ = stub.PrepareUnaryCall(&context_, method, request, &queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, static_cast<Tag*>(this));
  }
  void Cancel() override { context_.TryCancel(); }
  void Proceed(bool) override {
    const auto self = std::move(self_);
    done_(Explained(backend_, std::move(status_)), std::move(response_));
  }

 private:
  grpc::ClientContext context_;
  const std::string backend_;
  Backend::Reply done_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  std::shared_ptr<GenericUnaryCall> self_;
};

// One operation of a stream; keeps the stream alive until it is answered.
class Operation final : public Tag {
 public:
  Operation(std::shared_ptr<StreamCall> call, StreamCall::Done done)
      : call_(std::move(call)), done_(std::move(done)) {}
  void Proceed(bool ok) override {
    done_(ok);
    delete this;
  }

 private:
  std::shared_ptr<StreamCall> call_;
  StreamCall::Done done_;
};

grpc::ChannelArguments ChannelOptions() {
  grpc::ChannelArguments options;
  options.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  options.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  options.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  options.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  options.SetMaxReceiveMessageSize(16 * 1024 * 1024);
  return options;
}

}  // namespace

CallQueue::CallQueue()
    : poller_([this] {
        pthread_setname_np(pthread_self(), "backend-calls");
        void* tag = nullptr;
        bool ok = false;
        while (queue_.Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
      }) {}

CallQueue::~CallQueue() {
  queue_.Shutdown();
  poller_.join();
}

void StreamCall::Start(Done done) {
  stream_->StartCall(static_cast<Tag*>(new Operation(shared_from_this(), std::move(done))));
}
void StreamCall::Write(const grpc::ByteBuffer& message, Done done) {
  stream_->Write(message, static_cast<Tag*>(new Operation(shared_from_this(), std::move(done))));
}
void StreamCall::WritesDone(Done done) {
  stream_->WritesDone(static_cast<Tag*>(new Operation(shared_from_this(), std::move(done))));
}
void StreamCall::Read(Done done) {
  stream_->Read(&received, static_cast<Tag*>(new Operation(shared_from_this(), std::move(done))));
}
void StreamCall::Finish(std::function<void(grpc::Status)> done) {
  const auto self = shared_from_this();
  stream_->Finish(&status_, static_cast<Tag*>(new Operation(self, [self, done = std::move(done)](bool) {
    done(Explained(self->backend_, std::move(self->status_)));
  })));
}

Backend::Backend(std::string name, const std::string& address, CallQueue& calls)
    : name_(std::move(name)),
      calls_(calls),
      stub_(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), ChannelOptions())) {}

std::shared_ptr<UnaryCall> Backend::Call(const std::string& method, const grpc::ByteBuffer& request,
                                         const CallOptions& options, Reply done) {
  auto call = std::make_shared<GenericUnaryCall>(name_, options, std::move(done));
  call->Start(stub_, method, request, calls_.queue());
  return call;
}

std::shared_ptr<StreamCall> Backend::Open(const std::string& method, const CallOptions& options) {
  std::shared_ptr<StreamCall> call(new StreamCall);
  call->backend_ = name_;
  Fill(call->context_, options);
  call->stream_ = stub_.PrepareCall(&call->context_, method, &calls_.queue());
  return call;
}

void Backend::CheckHealth(std::function<void(bool serving)> done) {
  CallOptions options;
  options.deadline = absl::Now() + absl::Seconds(1);
  Call("/grpc.health.v1.Health/Check", ToByteBuffer(""), options,
       [done = std::move(done)](const grpc::Status& status, const grpc::ByteBuffer& reply) {
         done(status.ok() && FromByteBuffer(reply) == "\x08\x01");  // HealthCheckResponse{status: SERVING}
       });
}

grpc::ByteBuffer ToByteBuffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

std::string FromByteBuffer(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace crm::gateway
