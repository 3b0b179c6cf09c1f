#pragma once
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

namespace crm::testing {

// A streaming call in bytes, for gRPC's own services, whose stubs Debian does not install. Sends one request;
// calls block, for 30 s at most. Not thread safe.
class RawStream {
 public:
  RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::string& request);
  ~RawStream();

  // The next message; nothing when the server has ended the call.
  std::optional<std::string> Read();
  // Leaves the call, unless the server has ended it, and says how it ended.
  grpc::Status Leave();

 private:
  bool Await();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool ended_ = false, over_ = false;  // by the server; for both
};

}  // namespace crm::testing
