#include "services/customer/rpc/upload_reactor.h"

#include "common/status/to_grpc.h"
#include "services/customer/rpc/import_converters.h"

namespace crm::customer {
namespace {

constexpr std::size_t kInHand = 2;
constexpr std::size_t kMaxChunk = 1024 * 1024;

absl::Status Misplaced(std::string_view field, std::string_view reason, std::string_view description) {
  errors::Violations violations;
  violations.Add(field, reason, description);
  return violations.ToStatus();
}

}  // namespace

UploadReactor::UploadReactor(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& imports,
                             grpc::CallbackServerContext& grpc_context,
                             const absl::StatusOr<rpc::Context>& admitted, v1::ImportLeadsResponse* response)
    : imports_(imports),
      grpc_context_(grpc_context),
      response_(response),
      importer_(pool, work, admitted.ok() ? admitted->caller : work::Caller()) {
  std::lock_guard lock(mutex_);
  if (!admitted.ok()) {
    Answer(admitted.status());
    return;
  }
  reading_ = true;
  StartRead(&incoming_);
}

void UploadReactor::OnReadDone(bool ok) {
  std::lock_guard lock(mutex_);
  reading_ = false;
  if (answered_) return;
  if (ok) {
    in_hand_.push_back(std::move(incoming_));
    incoming_.Clear();
  } else {
    ended_ = true;
  }
  if (!working_) {
    working_ = imports_.Submit([this] { Work(); });
    if (!working_) return Answer(errors::Overloaded(absl::Seconds(1)));
  }
  if (ok && in_hand_.size() < kInHand) {
    reading_ = true;
    StartRead(&incoming_);
  }
}

void UploadReactor::OnDone() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
    if (working_) return;
  }
  delete this;
}

// One message, then behind the other uploads again.
void UploadReactor::Work() {
  std::unique_lock lock(mutex_);
  const bool at_end = in_hand_.empty();
  v1::ImportLeadsRequest message;
  if (!at_end) message = in_hand_.front();
  const bool broken_off = answered_ || (at_end && grpc_context_.IsCancelled());
  lock.unlock();

  absl::Status status;
  if (broken_off) {
    if (begun_) importer_.BreakOff();
    status = absl::CancelledError("the upload broke off");
  } else {
    status = at_end ? TakeEnd() : Take(message);
  }
  const bool over = at_end || !status.ok() || importer_.over();
  if (status.ok() && over && begun_) {
    const auto import = importer_.Current();
    status = import.status();
    if (import.ok()) *response_->mutable_import() = ToProto(*import);
  }

  lock.lock();
  if (!at_end) in_hand_.pop_front();
  if (over && !answered_) Answer(status);
  if (!over && !answered_ && !ended_ && !reading_ && in_hand_.size() < kInHand) {
    reading_ = true;
    StartRead(&incoming_);
  }
  if (!over && !answered_ && (!in_hand_.empty() || ended_)) {
    if (imports_.Submit([this] { Work(); })) return;
    Answer(errors::Overloaded(absl::Seconds(1)));
  }
  working_ = false;
  const bool gone = done_;
  lock.unlock();
  if (gone) delete this;
}

absl::Status UploadReactor::Take(const v1::ImportLeadsRequest& message) {
  if (message.has_header()) {
    if (begun_) return Misplaced("header", "MISPLACED", "only the first message may be the header");
    auto header = ToUploadHeader(message.header());
    if (!header.ok()) return header.status();
    absl::Status status =
        importer_.Begin(header->request_id, header->name, header->org_unit_id, std::move(header->options));
    begun_ = status.ok();
    return status;
  }
  if (!begun_) return Misplaced("header", "REQUIRED", "the first message must be the header");
  if (message.chunk().size() > kMaxChunk) return Misplaced("chunk", "TOO_LONG", "must be at most 1 MiB");
  return importer_.Feed(message.chunk());
}

absl::Status UploadReactor::TakeEnd() {
  if (!begun_) return Misplaced("header", "REQUIRED", "the first message must be the header");
  return importer_.Finish();
}

void UploadReactor::Answer(const absl::Status& status) {
  answered_ = true;
  Finish(ToGrpc(status));
}

}  // namespace crm::customer
