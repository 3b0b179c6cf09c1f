#pragma once
#include <functional>
#include <string>
#include <typeindex>
#include <unordered_map>

#include "common/outbox/event.h"

namespace crm::work {

// How replies and events become bytes. app/ knows no proto: main.cc binds these, once, before serving.
// Reading is thread safe. A type without a codec is a programming error and ends the process.
class Codecs {
 public:
  template <class Reply>
  void BindReply(std::function<std::string(const Reply&)> encode) {
    replies_[typeid(Reply)] = [encode = std::move(encode)](const void* reply) {
      return encode(*static_cast<const Reply*>(reply));
    };
  }
  template <class Event>
  void BindEvent(std::function<outbox::EncodedEvent(const Event&)> encode) {
    events_[typeid(Event)] = [encode = std::move(encode)](const void* event) {
      return encode(*static_cast<const Event*>(event));
    };
  }
  template <class Reply>
  std::string Encode(const Reply& reply) const {
    return Find(replies_, typeid(Reply))(&reply);
  }
  template <class Event>
  outbox::EncodedEvent EncodeEvent(const Event& event) const {
    return Find(events_, typeid(Event))(&event);
  }

 private:
  template <class Result>
  using Table = std::unordered_map<std::type_index, std::function<Result(const void*)>>;
  template <class Result>
  static const std::function<Result(const void*)>& Find(const Table<Result>& table, std::type_index type) {
    const auto found = table.find(type);
    if (found == table.end()) Missing(type.name());
    return found->second;
  }
  [[noreturn]] static void Missing(const char* type);

  Table<std::string> replies_;
  Table<outbox::EncodedEvent> events_;
};

}  // namespace crm::work
