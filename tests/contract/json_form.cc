#include "tests/contract/json_form.h"

#include "google/api/annotations.pb.h"

namespace crm::testing {

std::string JsonForm::PathWith(const std::function<std::string(const std::string& field)>& value) const {
  std::string path;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      path += pattern[i];
      continue;
    }
    const std::size_t end = pattern.find('}', i);
    path += value(pattern.substr(i + 1, end - i - 1));
    i = end;
  }
  return path;
}

std::optional<JsonForm> JsonFormOf(const google::protobuf::MethodDescriptor& method) {
  using google::api::HttpRule;
  if (!method.options().HasExtension(google::api::http)) return std::nullopt;
  const HttpRule& rule = method.options().GetExtension(google::api::http);
  const auto [verb, pattern] = rule.pattern_case() == HttpRule::kGet     ? std::pair("GET", rule.get())
                               : rule.pattern_case() == HttpRule::kPost  ? std::pair("POST", rule.post())
                               : rule.pattern_case() == HttpRule::kPatch ? std::pair("PATCH", rule.patch())
                               : rule.pattern_case() == HttpRule::kPut   ? std::pair("PUT", rule.put())
                                                                       : std::pair("DELETE", rule.delete_());
  return JsonForm{verb, pattern, !rule.body().empty()};
}

std::string TakeOut(google::protobuf::Struct& request, const std::string& path) {
  auto& fields = *request.mutable_fields();
  if (const std::size_t dot = path.find('.'); dot != path.npos)
    return TakeOut(*fields[path.substr(0, dot)].mutable_struct_value(), path.substr(dot + 1));
  std::string value = fields[path].string_value();
  fields.erase(path);
  return value;
}

}  // namespace crm::testing
