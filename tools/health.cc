// guanxi-health ADDRESS...: asks each gRPC server's health service; exit 0 when all of them serve.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

// grpc.health.v1.HealthCheckResponse with status SERVING: field 1, varint 1. The request for the server as a
// whole is the empty message.
const std::string kServing("\x08\x01", 2);

std::string Ask(const std::string& address) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
  grpc::CompletionQueue queue;
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, &queue);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return status.error_message();
  std::vector<grpc::Slice> slices;
  if (!response.Dump(&slices).ok()) return "unreadable answer";
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes == kServing ? "" : "not serving";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: guanxi-health ADDRESS...\n"), 2;
  int code = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string trouble = Ask(argv[i]);
    std::printf("%s: %s\n", argv[i], trouble.empty() ? "serving" : trouble.c_str());
    if (!trouble.empty()) code = 1;
  }
  return code;
}
