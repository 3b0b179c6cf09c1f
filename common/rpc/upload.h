#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/config.h"
#include "common/rpc/idle_watch.h"
#include "common/rpc/method.h"
#include "common/rpc/server.h"
#include "common/status/to_grpc.h"

namespace crm::rpc {

struct UploadOptions {
  absl::Duration idle_time = absl::Seconds(60);  // how long a client may keep silent
  int threads = 2;                               // that take in what comes
  std::size_t open = 64;                         // uploads at a time; more are refused
};

// `upload-idle-time`, for services that take files.
void UploadSettings(Config& config);
UploadOptions ToUploadOptions(const Config& config);

namespace internal {

absl::Status MisplacedPart(std::string_view field, std::string_view rule, std::string_view description);
absl::Status Silent(absl::Duration idle_time);

}  // namespace internal

// A client-streaming method that takes a file: Request is a oneof of `header`, once and first, and `chunk`,
// at most 1 MiB each. Messages of one upload are worked on one after another; while one is, the next is read,
// and with two in hand the read waits. An upload whose client keeps silent is ended with UPLOAD_IDLE.
//
// File is what the bytes go into: Begin(), over(), Feed(bytes), Finish(whole) as imports::Importer has them,
// and its destructor when they will not go on. Lives as long as the server.
template <class Request, class Response, class File>
class Uploads {
 public:
  using Header = std::decay_t<decltype(std::declval<const Request&>().header())>;
  // Makes of a header the file that it announces; its violations are all told at once.
  using Open = std::function<absl::StatusOr<std::unique_ptr<File>>(const work::Caller&, const Header&)>;
  // The answer when the file is over.
  using Answer = std::function<Response(const File&)>;

  Uploads(const std::string& method, UploadOptions options, Open open, Answer answer)
      : method_(method), options_(options), open_(std::move(open)), answer_(std::move(answer)) {}

  void Register(Server& server) { gate_ = &server.gate(); }

  grpc::ServerReadReactor<Request>* Accept(grpc::CallbackServerContext& context, Response& response) {
    return new Upload(*this, context, response);
  }

 private:
  static constexpr std::size_t kInHand = 2, kMaxChunk = 1024 * 1024;

  class Upload final : public grpc::ServerReadReactor<Request> {
   public:
    Upload(Uploads& all, grpc::CallbackServerContext& server_context, Response& response)
        : all_(all), server_context_(server_context), response_(response) {
      const absl::Status admitted =
          all_.gate_->Admit(server_context.client_metadata(), server_context.deadline(), all_.method_.name(),
                            all_.method_.permission(), context_);
      const auto look = [this](absl::Time now) { Look(now); };
      if (!admitted.ok()) {
        End(admitted);
      } else if (!all_.watch_.Add(this, look, all_.options_.open)) {
        End(errors::Overloaded(absl::Seconds(1)));
      } else {
        std::lock_guard lock(mutex_);
        GoOn();
      }
    }

    void OnReadDone(bool ok) override {
      std::lock_guard lock(mutex_);
      reading_ = false;
      if (ok)
        in_hand_.push_back(std::move(incoming_));
      else
        ended_ = true;
      GoOn();
    }

    void OnDone() override {
      { std::lock_guard until_work_has_ended(mutex_); }
      delete this;
    }

   private:
    // Starts what can be started.
    void GoOn() {
      if (answered_) return;
      if (!ended_ && !silent_ && !reading_ && in_hand_.size() < kInHand) {
        reading_ = true;
        waiting_since_ = absl::Now();
        this->StartRead(&incoming_);
      }
      // There is room for a task of each open upload.
      if (!working_ && (!in_hand_.empty() || ended_ || silent_))
        working_ = all_.executor_.Submit([this] { Work(); });
    }

    void Look(absl::Time now) {
      std::lock_guard lock(mutex_);
      if (!reading_ || now - waiting_since_ < all_.options_.idle_time) return;
      silent_ = true;
      GoOn();
    }

    // One message, then behind the other uploads again.
    void Work() {
      std::unique_lock lock(mutex_);
      const bool has_message = !in_hand_.empty();
      Request message;
      if (has_message) message = std::move(in_hand_.front());
      const bool silent = silent_;
      lock.unlock();

      const absl::Status status = has_message ? Take(message)
                                  : silent    ? internal::Silent(all_.options_.idle_time)
                                              : Finish();
      const bool over = !has_message || !status.ok() || (file_ != nullptr && file_->over());
      if (over) {
        if (status.ok()) response_ = all_.answer_(*file_);
        file_.reset();
        all_.watch_.Remove(this);  // the place is free before the answer says so
      }

      lock.lock();
      if (has_message) in_hand_.pop_front();
      working_ = false;
      if (over) End(status);
      GoOn();
    }

    absl::Status Take(const Request& message) {
      if (message.has_header()) {
        if (file_ != nullptr)
          return internal::MisplacedPart("header", "MISPLACED", "only the first message may be the header");
        auto file = all_.open_(context_.caller, message.header());
        if (!file.ok()) return file.status();
        file_ = *std::move(file);
        return file_->Begin();
      }
      if (file_ == nullptr) return NoHeader();
      if (message.chunk().size() > kMaxChunk)
        return internal::MisplacedPart("chunk", "TOO_LONG", "must be at most 1 MiB");
      return file_->Feed(message.chunk());
    }

    absl::Status Finish() {
      if (file_ == nullptr) return NoHeader();
      if (server_context_.IsCancelled()) return errors::Cancelled();
      return file_->Finish([this] { return !server_context_.IsCancelled(); });
    }

    static absl::Status NoHeader() {
      return internal::MisplacedPart("header", "REQUIRED", "the first message must be the header");
    }

    void End(const absl::Status& status) {
      answered_ = true;
      all_.method_.Finished(context_, status, begin_);
      grpc::ServerReadReactor<Request>::Finish(ToGrpc(status));
    }

    Uploads& all_;
    grpc::CallbackServerContext& server_context_;
    Response& response_;
    const absl::Time begin_ = absl::Now();
    Context context_;
    Request incoming_;
    std::unique_ptr<File> file_;  // of Work alone

    std::mutex mutex_;  // guards the rest
    std::deque<Request> in_hand_;
    absl::Time waiting_since_;
    bool working_ = false, reading_ = false, ended_ = false, silent_ = false, answered_ = false;
  };

  const Method method_;
  const UploadOptions options_;
  const Open open_;
  const Answer answer_;
  const Gate* gate_ = nullptr;
  Executor executor_{"uploads", options_.threads, options_.open};
  IdleWatch watch_{std::min(options_.idle_time / 4, absl::Seconds(1))};
};

}  // namespace crm::rpc
