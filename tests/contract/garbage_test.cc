// From the descriptors: whatever a method takes, garbage in all its fields is the caller's fault, said so
// with the fields' names, of all at once, and changes nothing.
#include <gmock/gmock.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/match.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

// The worst for a number, an enum or a text.
void SpoilScalar(Message& message, const FieldDescriptor* field, const std::string& text) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      field->is_repeated() ? reflection.AddString(&message, field, text)
                           : reflection.SetString(&message, field, text);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      field->is_repeated() ? reflection.AddEnumValue(&message, field, 9999)
                           : reflection.SetEnumValue(&message, field, 9999);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(&message, field, std::numeric_limits<std::int32_t>::min());
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(&message, field, std::numeric_limits<std::int64_t>::min());
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.SetDouble(&message, field, -std::numeric_limits<double>::infinity());
      break;
    default:
      break;
  }
}

// The message in `field`, of a list the first entry.
Message& Within(Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  if (!field->is_repeated()) return *reflection.MutableMessage(&message, field);
  if (reflection.FieldSize(message, field) == 0) reflection.AddMessage(&message, field);
  return *reflection.MutableRepeatedMessage(&message, field, 0);
}

// A place in a request that can be spoiled.
struct Place {
  std::string path;  // as violations name it; of a list without the index
  std::function<void(Message& request, const std::string& text)> spoil;
};

void AddPlaces(const Descriptor* type, const std::string& prefix,
               const std::function<Message&(Message&)>& within, std::vector<Place>& places) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto* oneof = field->real_containing_oneof();
    // Of these only one can be given.
    if (oneof != nullptr && field != oneof->field(oneof->field_count() - 1)) continue;
    const std::string path = prefix + field->name();
    if (field->is_map()) {
      places.push_back({path + "[\"k\"]", [within, field](Message& request, const std::string& text) {
                          Message& entry =
                              *within(request).GetReflection()->AddMessage(&within(request), field);
                          SpoilScalar(entry, entry.GetDescriptor()->map_key(), "k");
                          SpoilScalar(entry, entry.GetDescriptor()->map_value(), text);
                        }});
    } else if (field->message_type() == Timestamp::descriptor()) {
      places.push_back({path, [within, field](Message& request, const std::string&) {
                          static_cast<Timestamp&>(Within(within(request), field))
                              .set_seconds(std::numeric_limits<std::int64_t>::min());
                        }});
    } else if (field->message_type() == FieldMask::descriptor()) {
      places.push_back({path, [within, field](Message& request, const std::string& text) {
                          static_cast<FieldMask&>(Within(within(request), field)).add_paths(text);
                        }});
    } else if (field->message_type() != nullptr) {
      AddPlaces(
          field->message_type(), path + (field->is_repeated() ? "[0]." : "."),
          [within, field](Message& request) -> Message& { return Within(within(request), field); }, places);
    } else {
      places.push_back({path, [within, field](Message& request, const std::string& text) {
                          SpoilScalar(within(request), field, text);
                        }});
    }
  }
}

std::vector<Place> PlacesOf(const MethodDescriptor& method) {
  std::vector<Place> places;
  AddPlaces(
      method.input_type(), "", [](Message& request) -> Message& { return request; }, places);
  return places;
}

std::string LongText() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "长";
  return text;
}

// It answers each item on its own.
bool AnswersItems(const MethodDescriptor& method) { return method.name() == "BatchCaptureLeads"; }

class Garbage : public BadInput {
 protected:
  static std::set<std::string> FaultyFields(const MethodDescriptor& method, const Message& request) {
    const Refusal refusal = RefusalOf(Call(method, request, Bearer()));
    ExpectNamesFieldsOf(*method.input_type(), refusal);
    std::set<std::string> fields;
    for (const std::string& fault : refusal.faults) fields.insert(fault.substr(0, fault.rfind(' ')));
    return fields;
  }
  static bool Has(const std::set<std::string>& faulty, const std::string& path) {
    return std::ranges::any_of(faulty, [&](const auto& field) { return absl::StartsWith(field, path); });
  }

  // Without a fault, but for what is missing: an update names all that it can change.
  static std::unique_ptr<Message> Bare(const MethodDescriptor& method) {
    auto request = New(method.input_type());
    const FieldDescriptor* mask = method.input_type()->FindFieldByName("update_mask");
    if (mask == nullptr) return request;
    const Descriptor* entity = method.input_type()->field(0)->message_type();
    for (int i = 0; i < entity->field_count(); ++i) {
      auto probe = New(method.input_type());
      static_cast<FieldMask&>(Within(*probe, mask)).add_paths(entity->field(i)->name());
      if (!Has(FaultyFields(method, *probe), mask->name()))
        static_cast<FieldMask&>(Within(*request, mask)).add_paths(entity->field(i)->name());
    }
    return request;
  }
};

TEST_F(Garbage, InEveryFieldIsTheCallersFault) {
  int calls = 0;
  for (const MethodDescriptor* method : UnaryMethods()) {
    const auto places = PlacesOf(*method);
    if (places.empty()) continue;
    for (const std::string& text : {std::string("\xEF\xBB\xBF'; --"), LongText(), std::string("\0x", 2)}) {
      SCOPED_TRACE(method->full_name());
      auto request = New(method->input_type());
      for (const Place& place : places) place.spoil(*request, text);
      ExpectUnchanged([&] {
        const grpc::Status answer = Call(*method, *request, Bearer());
        if (AnswersItems(*method) && answer.ok()) return;
        const Refusal refusal = RefusalOf(answer);
        EXPECT_EQ(refusal.code, kInvalid) << answer.error_message();
        EXPECT_FALSE(refusal.faults.empty()) << "no field is named";
      });
      ++calls;
    }
  }
  EXPECT_GT(calls, 150);
}

// Whatever is told of a place that is spoiled alone is told when all are.
TEST_F(Garbage, IsToldAllAtOnce) {
  const std::string text = LongText();
  int places_with_faults = 0;
  ExpectUnchanged([&] {
    for (const MethodDescriptor* method : UnaryMethods()) {
      if (AnswersItems(*method)) continue;
      SCOPED_TRACE(method->full_name());
      const auto bare = Bare(*method);
      auto all = New(method->input_type());
      all->CopyFrom(*bare);
      std::set<std::string> alone;
      for (const Place& place : PlacesOf(*method)) {
        auto one = New(method->input_type());
        one->CopyFrom(*bare);
        place.spoil(*one, text);
        place.spoil(*all, text);
        if (Has(FaultyFields(*method, *one), place.path)) alone.insert(place.path);
      }
      const auto told = FaultyFields(*method, *all);
      for (const std::string& path : alone)
        EXPECT_TRUE(Has(told, path)) << path << " is not among " << ::testing::PrintToString(told);
      places_with_faults += static_cast<int>(alone.size());
    }
  });
  EXPECT_GT(places_with_faults, 250);
}

}  // namespace
}  // namespace crm::testing
