#include "services/gateway/transcode/scalars.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"

namespace crm::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool Refuse(Misfit& misfit, std::string reason, std::string description) {
  misfit = {std::move(reason), std::move(description)};
  return false;
}

// What JSON writes as a number: absl would also take spaces, hexadecimal digits, "nan" and "inf".
bool ParseReal(const std::string& text, double& number) {
  return text.find_first_not_of("0123456789+-.eE") == text.npos && absl::SimpleAtod(text, &number);
}

// An integer, also when written 1.0 or 1e3 or as text.
template <class Integer>
bool ParseInteger(const std::string& text, Integer& value, Misfit& misfit) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stopped == end && !text.empty()) return true;
  constexpr Integer kLeast = std::numeric_limits<Integer>::min(), kMost = std::numeric_limits<Integer>::max();
  double number = 0;
  const bool many_digits = error == std::errc::result_out_of_range && stopped == end;
  if (!many_digits && !ParseReal(text, number)) return Refuse(misfit, "WRONG_TYPE", "must be a whole number");
  if (many_digits || number < static_cast<double>(kLeast) || number > static_cast<double>(kMost))
    return Refuse(misfit, "OUT_OF_RANGE", absl::StrCat("must lie in ", kLeast, " … ", kMost));
  if (number != std::trunc(number)) return Refuse(misfit, "NOT_WHOLE", "must be a whole number");
  if (std::abs(number) >= 9007199254740992.0)
    return Refuse(misfit, "OUT_OF_RANGE", "is too large for an exponent or fraction; write it as digits");
  value = static_cast<Integer>(number);
  return true;
}

bool ParseDouble(const Scalar& value, double& number, Misfit& misfit) {
  if (value.kind == Scalar::kText &&
      (value.text == "NaN" || value.text == "Infinity" || value.text == "-Infinity"))
    return Refuse(misfit, "NOT_FINITE", "must be a finite number");
  if (!ParseReal(value.text, number)) return Refuse(misfit, "WRONG_TYPE", "must be a number");
  if (!std::isfinite(number)) return Refuse(misfit, "OUT_OF_RANGE", "must be a finite number");
  return true;
}

template <class Value>
bool Put(Message& message, const FieldDescriptor* field, Value value,
         void (google::protobuf::Reflection::*set)(Message*, const FieldDescriptor*, Value) const,
         void (google::protobuf::Reflection::*add)(Message*, const FieldDescriptor*, Value) const) {
  const auto* reflection = message.GetReflection();
  (reflection->*(field->is_repeated() ? add : set))(&message, field, std::move(value));
  return true;
}

template <class Integer>
bool PutInteger(Message& message, const FieldDescriptor* field, const Scalar& value, Misfit& misfit,
                void (google::protobuf::Reflection::*set)(Message*, const FieldDescriptor*, Integer) const,
                void (google::protobuf::Reflection::*add)(Message*, const FieldDescriptor*, Integer) const) {
  Integer number{};
  if (value.kind == Scalar::kBool) return Refuse(misfit, "WRONG_TYPE", "must be a whole number");
  return ParseInteger(value.text, number, misfit) && Put(message, field, number, set, add);
}

bool PutEnum(Message& message, const FieldDescriptor* field, const Scalar& value, Misfit& misfit) {
  const auto* type = field->enum_type();
  const google::protobuf::EnumValueDescriptor* found = nullptr;
  if (value.kind != Scalar::kBool) found = type->FindValueByName(value.text);
  std::int32_t number = 0;
  if (found == nullptr && value.kind != Scalar::kBool && absl::SimpleAtoi(value.text, &number))
    found = type->FindValueByNumber(number);
  if (found == nullptr) {
    std::string known;
    for (int i = 0; i < type->value_count(); ++i)
      absl::StrAppend(&known, i ? ", " : "", type->value(i)->name());
    return Refuse(misfit, "UNKNOWN_ENUM", absl::StrCat("must be one of ", known));
  }
  return Put<const google::protobuf::EnumValueDescriptor*>(
      message, field, found, &google::protobuf::Reflection::SetEnum, &google::protobuf::Reflection::AddEnum);
}

void SetNumbers(Message& message, std::int64_t seconds, std::int32_t nanos) {
  const auto* type = message.GetDescriptor();
  message.GetReflection()->SetInt64(&message, type->FindFieldByNumber(1), seconds);
  message.GetReflection()->SetInt32(&message, type->FindFieldByNumber(2), nanos);
}

bool ReadTimestamp(const std::string& text, Message& message, Misfit& misfit) {
  absl::Time time;
  std::string error;
  // RFC 3339 wants a zone; absl would also take "infinite-future" and leap seconds.
  const bool plain =
      text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't');
  if (!plain || !absl::ParseTime(absl::RFC3339_full, text, &time, &error))
    return Refuse(misfit, "MALFORMED", "must be a time with zone as in 2026-11-22T08:00:00Z");
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds < -62135596800 || seconds > 253402300799)
    return Refuse(misfit, "OUT_OF_RANGE", "must lie in the years 1 … 9999");
  SetNumbers(message, seconds,
             static_cast<std::int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return true;
}

bool ReadDuration(const std::string& text, Message& message, Misfit& misfit) {
  absl::Duration duration;
  const bool plain =
      text.size() >= 2 && text.back() == 's' && text.find_first_not_of("-0123456789.s") == text.npos;
  if (!plain || !absl::ParseDuration(text, &duration) || duration > absl::Seconds(315576000000) ||
      duration < -absl::Seconds(315576000000))
    return Refuse(misfit, "MALFORMED", "must be seconds as in 1.5s");
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  SetNumbers(message, seconds,
             static_cast<std::int32_t>((duration - absl::Seconds(seconds)) / absl::Nanoseconds(1)));
  return true;
}

void ReadFieldMask(const std::string& text, Message& message) {
  const auto* paths = message.GetDescriptor()->FindFieldByNumber(1);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string path;
    for (char c : text.substr(begin, end - begin)) {
      if (c >= 'A' && c <= 'Z') path.push_back('_');
      if (c != ' ') path.push_back(absl::ascii_tolower(c));
    }
    if (!path.empty()) message.GetReflection()->AddString(&message, paths, path);
    begin = end + 1;
  }
}

bool PutMessage(Message& message, const FieldDescriptor* field, const Scalar& value, Misfit& misfit) {
  const auto* reflection = message.GetReflection();
  const std::string& name = field->message_type()->full_name();
  Message* made = field->is_repeated() ? reflection->AddMessage(&message, field)
                                       : reflection->MutableMessage(&message, field);
  if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration" ||
      name == "google.protobuf.FieldMask") {
    if (value.kind != Scalar::kText) return Refuse(misfit, "WRONG_TYPE", "must be text");
    if (name == "google.protobuf.Timestamp") return ReadTimestamp(value.text, *made, misfit);
    if (name == "google.protobuf.Duration") return ReadDuration(value.text, *made, misfit);
    ReadFieldMask(value.text, *made);
    return true;
  }
  return SetScalar(*made, field->message_type()->FindFieldByNumber(1), value, misfit);  // a wrapper
}

void AppendFraction(std::int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  char digits[11];
  std::snprintf(digits, sizeof digits, ".%09d", nanos);
  const std::string_view text(digits, 10);
  out.append(text.substr(0, nanos % 1000000 == 0 ? 4 : nanos % 1000 == 0 ? 7 : 10));
}

}  // namespace

bool IsScalarMessage(const Descriptor* type) {
  const std::string& file = type->file()->name();
  return file == "google/protobuf/timestamp.proto" || file == "google/protobuf/duration.proto" ||
         file == "google/protobuf/field_mask.proto" || file == "google/protobuf/wrappers.proto";
}

bool SetScalar(Message& message, const FieldDescriptor* field, const Scalar& value, Misfit& misfit) {
  using google::protobuf::Reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return PutInteger<std::int32_t>(message, field, value, misfit, &Reflection::SetInt32,
                                      &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return PutInteger<std::int64_t>(message, field, value, misfit, &Reflection::SetInt64,
                                      &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return PutInteger<std::uint32_t>(message, field, value, misfit, &Reflection::SetUInt32,
                                       &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return PutInteger<std::uint64_t>(message, field, value, misfit, &Reflection::SetUInt64,
                                       &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      double number = 0;
      if (value.kind == Scalar::kBool) return Refuse(misfit, "WRONG_TYPE", "must be a number");
      if (!ParseDouble(value, number, misfit)) return false;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT)
        return Put<float>(message, field, static_cast<float>(number), &Reflection::SetFloat,
                          &Reflection::AddFloat);
      return Put<double>(message, field, number, &Reflection::SetDouble, &Reflection::AddDouble);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (value.kind != Scalar::kBool) return Refuse(misfit, "WRONG_TYPE", "must be true or false");
      return Put<bool>(message, field, value.flag, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return PutEnum(message, field, value, misfit);
    case FieldDescriptor::CPPTYPE_STRING: {
      if (value.kind != Scalar::kText) return Refuse(misfit, "WRONG_TYPE", "must be text");
      std::string text = value.text;
      if (field->type() == FieldDescriptor::TYPE_BYTES && !absl::Base64Unescape(value.text, &text) &&
          !absl::WebSafeBase64Unescape(value.text, &text))
        return Refuse(misfit, "MALFORMED", "must be base64");
      return Put<std::string>(message, field, std::move(text), &Reflection::SetString,
                              &Reflection::AddString);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsScalarMessage(field->message_type())) return PutMessage(message, field, value, misfit);
      return Refuse(misfit, "WRONG_TYPE", "must be an object");
  }
  return false;
}

std::string TimestampText(std::int64_t seconds, std::int32_t nanos) {
  const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  char date[80];
  std::snprintf(date, sizeof date, "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(civil.year()),
                civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second());
  std::string text(date);
  AppendFraction(nanos, text);
  text.push_back('Z');
  return text;
}

std::string DurationText(std::int64_t seconds, std::int32_t nanos) {
  std::string text = seconds < 0 || nanos < 0 ? "-" : "";
  absl::StrAppend(&text, seconds < 0 ? -seconds : seconds);
  AppendFraction(nanos < 0 ? -nanos : nanos, text);
  text.push_back('s');
  return text;
}

void AppendJsonText(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default: {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
        out.append(escaped);
      }
    }
  }
  out.append(text, done, text.size() - done);
  out.push_back('"');
}

}  // namespace crm::gateway
