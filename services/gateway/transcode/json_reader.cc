#include "services/gateway/transcode/json_reader.h"

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "services/gateway/transcode/path_template.h"
#include "services/gateway/transcode/scalars.h"

namespace crm::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FindField(const Descriptor* type, const std::string& name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr ? field : type->FindFieldByCamelcaseName(name);
}

void AppendCodePoint(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// Reads straight into the message. Every Read… returns false once the text is not JSON; error_ says why.
class Reader {
 public:
  Reader(std::string_view json, errors::Violations& violations, std::string path)
      : json_(json), violations_(violations), path_(std::move(path)) {}

  absl::Status ReadWhole(Message& message) {
    if (!IsUtf8(json_))
      return errors::Make(absl::StatusCode::kInvalidArgument, "INVALID_UTF8", "the body is not UTF-8");
    SkipSpace();
    if (Peek() != '{') Fail("an object in braces is expected");
    return End(error_.ok() && ReadObject(message));
  }

  absl::Status ReadWholeField(Message& message, const FieldDescriptor* field) {
    if (!IsUtf8(json_))
      return errors::Make(absl::StatusCode::kInvalidArgument, "INVALID_UTF8", "the body is not UTF-8");
    SkipSpace();
    path_ = field->name();
    return End(ReadField(message, field));
  }

 private:
  // One level of nesting for as long as it lives.
  class Level {
   public:
    explicit Level(Reader& reader) : reader_(reader) {
      if (++reader_.depth_ > kMaxJsonDepth)
        reader_.Fail(absl::StrCat("nesting deeper than ", kMaxJsonDepth, " levels"), "TOO_DEEP");
    }
    ~Level() { --reader_.depth_; }

   private:
    Reader& reader_;
  };

  // The path with one more part for as long as it lives.
  class Part {
   public:
    Part(Reader& reader, std::string_view name) : reader_(reader), length_(reader.path_.size()) {
      if (length_ > 0 && name.front() != '[') reader.path_.push_back('.');
      reader.path_.append(name);
    }
    ~Part() { reader_.path_.resize(length_); }

   private:
    Reader& reader_;
    const std::size_t length_;
  };

  absl::Status End(bool read) {
    if (read) {
      SkipSpace();
      if (at_ != json_.size()) Fail("nothing may follow the value");
    }
    return error_;
  }

  bool Fail(std::string_view what, std::string_view reason = "MALFORMED_JSON") {
    if (!error_.ok()) return false;
    const std::string_view before = json_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == before.npos ? at_ + 1 : at_ - newline;
    error_ = errors::Make(absl::StatusCode::kInvalidArgument, reason,
                          absl::StrFormat("the body is not acceptable JSON at line %d, column %d: %s", line,
                                          column, absl::string_view(what.data(), what.size())),
                          {{"line", absl::StrCat(line)}, {"column", absl::StrCat(column)}});
    return false;
  }
  void Violate(std::string_view reason, std::string_view description) {
    violations_.Add(path_, reason, description);
  }

  char Peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  void SkipSpace() {
    while (at_ < json_.size() &&
           (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\r' || json_[at_] == '\t'))
      ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (Peek() != c || at_ >= json_.size()) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (json_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool ReadHex4(std::uint32_t& code) {
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = Peek();
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c)))
        return Fail("four hexadecimal digits are expected after \\u");
      code = code * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
  }

  bool ReadText(std::string& text) {
    if (!Take('"')) return Fail("text in double quotes is expected");
    while (true) {
      const std::size_t begin = at_;
      while (at_ < json_.size() && json_[at_] != '"' && json_[at_] != '\\' &&
             static_cast<unsigned char>(json_[at_]) >= 0x20)
        ++at_;
      text.append(json_.substr(begin, at_ - begin));
      if (at_ >= json_.size()) return Fail("text without closing quote");
      const char c = json_[at_];
      if (c != '"' && c != '\\') return Fail("a control character inside text has to be escaped");
      ++at_;
      if (c == '"') return true;
      if (!ReadEscape(text)) return false;
    }
  }

  bool ReadEscape(std::string& text) {
    static constexpr char kNames[] = "\"\\/bfnrt", kValues[] = "\"\\/\b\f\n\r\t";
    const char c = Peek();
    if (c == 'u') {
      ++at_;
      std::uint32_t code = 0, low = 0;
      if (!ReadHex4(code)) return false;
      if (code >= 0xD800 && code <= 0xDFFF) {
        if (code >= 0xDC00 || !TakeWord("\\u") || !ReadHex4(low) || low < 0xDC00 || low > 0xDFFF)
          return Fail("half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
      AppendCodePoint(code, text);
      return true;
    }
    const char* found = c == '\0' ? nullptr : std::strchr(kNames, c);
    if (found == nullptr) return Fail("an unknown escape");
    text.push_back(kValues[found - kNames]);
    ++at_;
    return true;
  }

  bool ReadDigits() {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) return Fail("a digit is expected");
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) ++at_;
    return true;
  }

  bool ReadNumber(std::string& digits) {
    const std::size_t begin = at_;
    if (Peek() == '-') ++at_;
    if (Peek() == '0') {
      ++at_;
    } else if (!ReadDigits()) {
      return false;
    }
    if (Peek() == '.') {
      ++at_;
      if (!ReadDigits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!ReadDigits()) return false;
    }
    digits = std::string(json_.substr(begin, at_ - begin));
    return true;
  }

  // Text, number or flag; the caller has ruled out the rest.
  bool ReadScalar(Scalar& value) {
    const char c = Peek();
    if (c == '"') {
      value.kind = Scalar::kText;
      return ReadText(value.text);
    }
    if (c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      value.kind = Scalar::kNumber;
      return ReadNumber(value.text);
    }
    value.kind = Scalar::kBool;
    value.flag = c == 't';
    if (TakeWord("true") || TakeWord("false")) return true;
    return Fail(at_ >= json_.size() ? "the text ends too early" : "a value is expected");
  }

  bool SkipValue() {
    SkipSpace();
    Scalar ignored{Scalar::kText, {}};
    if (TakeWord("null")) return true;
    if (Peek() != '{' && Peek() != '[') return ReadScalar(ignored);
    const Level level(*this);
    if (!error_.ok()) return false;
    const bool object = Peek() == '{';
    ++at_;
    if (Take(object ? '}' : ']')) return true;
    do {
      std::string key;
      SkipSpace();
      if (object && (!ReadText(key) || !(Take(':') || Fail("a colon is expected")))) return false;
      if (!SkipValue()) return false;
    } while (Take(','));
    return Take(object ? '}' : ']') || Fail(object ? "a comma or } is expected" : "a comma or ] is expected");
  }

  bool Mismatch(std::string_view description) {
    Violate("WRONG_TYPE", description);
    return SkipValue();
  }

  bool ReadObject(Message& message) {
    const Level level(*this);
    if (!error_.ok()) return false;
    if (!Take('{')) return Mismatch("must be an object");
    if (Take('}')) return true;
    std::set<const FieldDescriptor*> seen;
    do {
      std::string key;
      SkipSpace();
      if (!ReadText(key)) return false;
      if (!Take(':')) return Fail("a colon is expected");
      const FieldDescriptor* field = FindField(message.GetDescriptor(), key);
      const Part part(*this, field == nullptr ? (key.empty() ? "\"\"" : key) : field->name());
      if (field == nullptr) {
        Violate("UNKNOWN_FIELD", "there is no such field; see /openapi.json");
        if (!SkipValue()) return false;
        continue;
      }
      if (!seen.insert(field).second) Violate("GIVEN_TWICE", "may be given once only");
      SkipSpace();
      if (TakeWord("null")) continue;
      const auto* oneof = field->real_containing_oneof();
      if (oneof != nullptr && message.GetReflection()->HasOneof(message, oneof))
        Violate("GIVEN_TWICE", absl::StrCat("only one of ", oneof->name(), " may be given"));
      if (!ReadField(message, field)) return false;
    } while (Take(','));
    return Take('}') || Fail("a comma or } is expected");
  }

  bool ReadField(Message& message, const FieldDescriptor* field) {
    SkipSpace();
    if (field->is_map()) return ReadMap(message, field);
    if (!field->is_repeated()) return ReadOne(message, field);
    if (Peek() != '[') return Mismatch("must be a list");
    const Level level(*this);
    if (!error_.ok()) return false;
    ++at_;
    if (Take(']')) return true;
    std::size_t index = 0;
    do {
      const Part part(*this, absl::StrCat("[", index++, "]"));
      SkipSpace();
      if (Peek() == 'n' && TakeWord("null")) {
        Violate("WRONG_TYPE", "must not be null");
      } else if (!ReadOne(message, field)) {
        return false;
      }
    } while (Take(','));
    return Take(']') || Fail("a comma or ] is expected");
  }

  bool ReadOne(Message& message, const FieldDescriptor* field) {
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (nested && !IsScalarMessage(field->message_type())) {
      const auto* reflection = message.GetReflection();
      return ReadObject(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                             : *reflection->MutableMessage(&message, field));
    }
    if (Peek() == '{' || Peek() == '[')
      return Mismatch(Peek() == '{' ? "must not be an object" : "must not be a list");
    Scalar value{Scalar::kText, {}};
    if (!ReadScalar(value)) return false;
    Misfit misfit;
    if (!SetScalar(message, field, value, misfit)) Violate(misfit.reason, misfit.description);
    return true;
  }

  bool ReadMap(Message& message, const FieldDescriptor* field) {
    if (Peek() != '{') return Mismatch("must be an object");
    const Level level(*this);
    if (!error_.ok()) return false;
    ++at_;
    if (Take('}')) return true;
    std::set<std::string> seen;
    do {
      std::string key;
      SkipSpace();
      if (!ReadText(key)) return false;
      if (!Take(':')) return Fail("a colon is expected");
      const Part part(*this, absl::StrCat("[\"", key, "\"]"));
      if (!seen.insert(key).second) Violate("GIVEN_TWICE", "may be given once only");
      SkipSpace();
      if (TakeWord("null")) {
        Violate("WRONG_TYPE", "must not be null");
        continue;
      }
      Message* entry = message.GetReflection()->AddMessage(&message, field);
      const auto* key_field = field->message_type()->map_key();
      Scalar name{key_field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? Scalar::kBool : Scalar::kText, key,
                  key == "true"};
      Misfit misfit;
      if (!SetScalar(*entry, key_field, name, misfit)) Violate(misfit.reason, misfit.description);
      if (!ReadOne(*entry, field->message_type()->map_value())) return false;
    } while (Take(','));
    return Take('}') || Fail("a comma or } is expected");
  }

  const std::string_view json_;
  errors::Violations& violations_;
  std::string path_;
  std::size_t at_ = 0;
  int depth_ = 0;
  absl::Status error_;
};

}  // namespace

absl::Status ReadJson(std::string_view json, Message& message, errors::Violations& violations,
                      std::string_view path) {
  return Reader(json, violations, std::string(path)).ReadWhole(message);
}

absl::Status ReadJsonField(std::string_view json, Message& message, const FieldDescriptor* field,
                           errors::Violations& violations) {
  return Reader(json, violations, "").ReadWholeField(message, field);
}

void SetFromText(Message& message, std::string_view path, std::string_view text, std::set<std::string>& given,
                 errors::Violations& violations) {
  Message* at = &message;
  std::string name;  // of the field, as the proto has it
  for (std::string_view rest = path;;) {
    const std::size_t dot = rest.find('.');
    const FieldDescriptor* field = FindField(at->GetDescriptor(), std::string(rest.substr(0, dot)));
    if (field == nullptr)
      return violations.Add(path, "UNKNOWN_FIELD", "there is no such field; see /openapi.json");
    absl::StrAppend(&name, name.empty() ? "" : ".", field->name());
    const auto* reflection = at->GetReflection();
    const auto set = [&](Message& target, const FieldDescriptor* leaf) {
      if (!leaf->is_repeated() && !given.insert(name).second)
        return violations.Add(path, "GIVEN_TWICE", "may be given once only");
      Scalar value{Scalar::kText, std::string(text)};
      if (leaf->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && (text == "true" || text == "false"))
        value = {Scalar::kBool, "", text == "true"};
      Misfit misfit;
      if (!SetScalar(target, leaf, value, misfit)) violations.Add(path, misfit.reason, misfit.description);
    };
    if (field->is_map() && dot != rest.npos) {
      Message* entry = reflection->AddMessage(at, field);
      const std::string key(rest.substr(dot + 1));
      absl::StrAppend(&name, ".", key);
      Misfit misfit;
      SetScalar(*entry, field->message_type()->map_key(), {Scalar::kText, key}, misfit);
      return set(*entry, field->message_type()->map_value());
    }
    const bool nested =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsScalarMessage(field->message_type());
    if (dot == rest.npos) {
      if (nested) return violations.Add(path, "WRONG_TYPE", "is an object; give its fields as in a.b=value");
      return set(*at, field);
    }
    if (!nested || field->is_repeated())
      return violations.Add(path, "UNKNOWN_FIELD", "there is no such field; see /openapi.json");
    at = reflection->MutableMessage(at, field);
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace crm::gateway
