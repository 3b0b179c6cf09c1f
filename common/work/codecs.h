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
    replies_[typeid(Reply)] = Erase(std::move(encode));
  }
  template <class Event>
  void BindEvent(std::function<outbox::EncodedEvent(const Event&)> encode) {
    events_[typeid(Event)] = Erase(std::move(encode));
  }
  template <class Reply>
  std::string Encode(const Reply& reply) const {
    return EncodeReply(typeid(Reply), &reply);
  }
  template <class Event>
  outbox::EncodedEvent EncodeEvent(const Event& event) const {
    return EncodeEvent(typeid(Event), &event);
  }

 private:
  template <class Result>
  using Table = std::unordered_map<std::type_index, std::function<Result(const void*)>>;
  template <class Result, class Value>
  static std::function<Result(const void*)> Erase(std::function<Result(const Value&)> encode) {
    return
        [encode = std::move(encode)](const void* value) { return encode(*static_cast<const Value*>(value)); };
  }
  std::string EncodeReply(std::type_index type, const void* reply) const;
  outbox::EncodedEvent EncodeEvent(std::type_index type, const void* event) const;

  Table<std::string> replies_;
  Table<outbox::EncodedEvent> events_;
};

}  // namespace crm::work
