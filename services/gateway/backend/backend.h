#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"

namespace crm::gateway {

// What a call carries to its backend.
struct CallOptions {
  absl::Time deadline = absl::InfiniteFuture();
  std::vector<std::pair<std::string, std::string>> metadata;
};

// The completion queue of all outgoing calls and the one thread that serves it. Callbacks run on that thread
// and must not block. Outlives the calls; the destructor waits for them.
class CallQueue {
 public:
  CallQueue();
  ~CallQueue();
  grpc::CompletionQueue& queue() { return queue_; }

 private:
  grpc::CompletionQueue queue_;
  std::thread poller_;
};

// A unary call under way. Cancel may be called from any thread, at any time.
class UnaryCall {
 public:
  virtual ~UnaryCall() = default;
  virtual void Cancel() = 0;
};

// A streaming call under way. One Write and one Read may be pending at a time; every callback is called once,
// with false when the stream has ended for that direction. After either was answered with false, or when
// done, call Finish. Keeps itself alive while an operation is pending.
class StreamCall : public std::enable_shared_from_this<StreamCall> {
 public:
  using Done = std::function<void(bool ok)>;

  void Start(Done done);
  void Write(const grpc::ByteBuffer& message, Done done);
  void WritesDone(Done done);
  void Read(Done done);  // on true, `received` holds the message
  void Finish(std::function<void(grpc::Status)> done);
  void Cancel() { context_.TryCancel(); }
  grpc::ByteBuffer received;

 private:
  friend class Backend;
  StreamCall() = default;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::Status status_;
  std::string backend_;
};

// One backend service behind one channel. A status that gRPC made on the way is answered as an error of ours,
// with details and without addresses. Thread safe.
class Backend {
 public:
  // `address` is "host:port". Connects when first used, and again after a failure.
  Backend(std::string name, const std::string& address, CallQueue& calls);

  const std::string& name() const { return name_; }

  using Reply = std::function<void(grpc::Status, grpc::ByteBuffer)>;
  std::shared_ptr<UnaryCall> Call(const std::string& method, const grpc::ByteBuffer& request,
                                  const CallOptions& options, Reply done);
  std::shared_ptr<StreamCall> Open(const std::string& method, const CallOptions& options);

  // Asks its health service; true = SERVING, within a second.
  void CheckHealth(std::function<void(bool serving)> done);

 private:
  const std::string name_;
  CallQueue& calls_;
  grpc::GenericStub stub_;
};

// A message's bytes as gRPC wants them, and back.
grpc::ByteBuffer ToByteBuffer(std::string_view bytes);
std::string FromByteBuffer(const grpc::ByteBuffer& buffer);

}  // namespace crm::gateway
