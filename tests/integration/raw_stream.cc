#include "tests/integration/raw_stream.h"

#include <chrono>
#include <vector>

namespace crm::testing {

RawStream::RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  grpc::GenericStub stub(channel);
  call_ = stub.PrepareCall(&context_, method, &queue_);
  call_->StartCall(nullptr);
  if (!Await()) return;
  const grpc::Slice bytes(request);
  call_->Write(grpc::ByteBuffer(&bytes, 1), nullptr);
  Await();
}

RawStream::~RawStream() {
  if (!over_) Leave();
  queue_.Shutdown();
  Await();
}

std::optional<std::string> RawStream::Read() {
  grpc::ByteBuffer message;
  call_->Read(&message, nullptr);
  std::vector<grpc::Slice> slices;
  ended_ = !Await();
  if (ended_ || !message.Dump(&slices).ok()) return std::nullopt;
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

grpc::Status RawStream::Leave() {
  if (!ended_) context_.TryCancel();
  grpc::Status status;
  call_->Finish(&status, nullptr);
  Await();
  over_ = true;
  return status;
}

// One thing at a time is under way, so that its tag says nothing.
bool RawStream::Await() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace crm::testing
