#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace crm::gateway {

// The comment above a declaration, its lines joined; empty when there is none.
template <class Descriptor>
std::string CommentOf(const Descriptor* descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return "";
  std::string text;
  for (const char c : location.leading_comments) {
    if (c == '\n') {
      if (!text.empty() && text.back() != ' ') text.push_back(' ');
    } else if (c != ' ' || (!text.empty() && text.back() != ' ')) {
      text.push_back(c);
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// `text` as a JSON string with its quotes.
std::string Quoted(std::string_view text);

// Gathers the schemas of messages and enums, each once, under components.schemas.
class Schemas {
 public:
  // The schema of a field's value, lists and maps included.
  std::string OfField(const google::protobuf::FieldDescriptor* field);
  // A reference to a message's schema, or the schema itself of a well-known type.
  std::string OfMessage(const google::protobuf::Descriptor* type);

  // An example of the message's JSON; messages inside it down to three levels.
  std::string ExampleOf(const google::protobuf::Descriptor* type, int depth = 0);

  // The members of components.schemas, without braces.
  std::string All() const;

 private:
  std::string OfValue(const google::protobuf::FieldDescriptor* field);
  std::string OfEnum(const google::protobuf::EnumDescriptor* type);
  std::string ExampleOfValue(const google::protobuf::FieldDescriptor* field, int depth);

  std::map<std::string, std::string> schemas_;
  std::set<std::string> begun_;
};

}  // namespace crm::gateway
