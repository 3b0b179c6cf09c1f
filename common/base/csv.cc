#include "common/base/csv.h"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace crm {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// The encodings that "GBK" or "gb2312" in a form mean: GB18030 contains both.
std::string ConverterName(std::string_view encoding) {
  std::string name;
  for (const char c : encoding)
    if (c != '-' && c != '_' && c != ' ') name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (name == "GBK" || name == "GB2312" || name == "CP936") return "GB18030";
  if (name == "LATIN1") return "ISO-8859-1";
  return std::string(encoding);
}

bool IsUtf8Name(std::string_view encoding) {
  const std::string name = ConverterName(encoding);
  return name.empty() || ucnv_compareNames(name.c_str(), "UTF-8") == 0;
}

// Names the encoding that the bytes look like, for the person who has to state it.
std::string LikelyEncoding(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return "UTF-16";
  const std::string_view sample = bytes.substr(0, 64 * 1024);
  if (static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\0')) > sample.size() / 4)
    return "UTF-16";
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&error), ucsdet_close);
  ucsdet_setText(detector.get(), sample.data(), static_cast<std::int32_t>(sample.size()), &error);
  std::int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &error);
  constexpr std::string_view kOffered[] = {"GB18030",      "Big5",       "Shift_JIS",
                                           "EUC-KR",       "ISO-8859-1", "windows-1252",
                                           "windows-1251", "UTF-16LE",   "UTF-16BE"};
  // A few Chinese words are too little for the detector's statistics: pairs of high bytes that GB18030 can
  // read as Han tell more.
  std::size_t pairs = 0, singles = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto lead = static_cast<unsigned char>(sample[i]);
    if (lead < 0x80) continue;
    const auto trail = i + 1 < sample.size() ? static_cast<unsigned char>(sample[i + 1]) : 0;
    if (lead >= 0xB0 && lead <= 0xF7 && trail >= 0xA1) {
      ++pairs, ++i;
    } else {
      ++singles;
    }
  }
  if (pairs > 4 * singles) return "GB18030";
  for (std::int32_t i = 0; U_SUCCESS(error) && i < count; ++i) {
    const char* name = ucsdet_getName(matches[i], &error);
    if (name != nullptr &&
        std::find(std::begin(kOffered), std::end(kOffered), std::string_view(name)) != std::end(kOffered))
      return name;
  }
  return pairs > 0 && singles == 0 ? "GB18030" : "ISO-8859-1";
}

}  // namespace

struct CsvParser::Decoder {
  std::unique_ptr<UConverter, decltype(&ucnv_close)> converter{nullptr, ucnv_close};  // null for UTF-8
  std::string tail;    // bytes of a character that the chunk has cut
  bool began = false;  // past a byte-order mark
};

CsvParser::CsvParser(CsvOptions options)
    : options_(std::move(options)), decoder_(std::make_unique<Decoder>()) {
  if (!IsUtf8Name(options_.encoding)) {
    UErrorCode error = U_ZERO_ERROR;
    decoder_->converter.reset(ucnv_open(ConverterName(options_.encoding).c_str(), &error));
    if (U_FAILURE(error)) {
      decoder_->converter.reset();
      Fail("UNKNOWN_ENCODING",
           "the encoding \"" + options_.encoding +
               "\" is not known; state UTF-8, GB18030, Big5, ISO-8859-1, windows-1252 or UTF-16");
      return;
    }
    ucnv_setToUCallBack(decoder_->converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  }
}

CsvParser::~CsvParser() = default;
CsvParser::CsvParser(CsvParser&&) noexcept = default;

bool CsvParser::Fail(std::string reason, std::string message) {
  error_ = CsvProblem{std::move(reason), std::move(message)};
  error_line_ = line_ + std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), '\n');
  return false;
}

bool CsvParser::Feed(std::string_view bytes) { return !error_ && !finished_ && Decode(bytes, false); }

bool CsvParser::Finish() {
  if (error_ || finished_) return !error_;
  const bool decoded = Decode({}, true);
  finished_ = true;
  return decoded;
}

bool CsvParser::Decode(std::string_view bytes, bool last) {
  text_.erase(0, at_);
  at_ = 0;
  const auto refuse = [&](std::string_view sample) {
    const std::string likely = LikelyEncoding(sample);
    const bool other = ConverterName(likely) != ConverterName(options_.encoding);
    return Fail("WRONG_ENCODING",
                "the text is not " + options_.encoding +
                    (other ? "; it looks like " + likely + ": state that encoding, or save it as UTF-8"
                           : "; save it as UTF-8"));
  };
  if (decoder_->converter != nullptr) {
    const char* source = bytes.data();
    const char* const source_end = source + bytes.size();
    std::array<UChar, 4096> wide;
    std::array<char, 4096 * 3> narrow;
    for (bool more = true; more;) {
      UErrorCode error = U_ZERO_ERROR;
      UChar* target = wide.data();
      ucnv_toUnicode(decoder_->converter.get(), &target, wide.data() + wide.size() - 1, &source, source_end,
                     nullptr, last, &error);
      more = error == U_BUFFER_OVERFLOW_ERROR;
      if (U_FAILURE(error) && !more) return refuse(bytes);
      if (target == wide.data()) continue;
      // A surrogate pair that the buffer's end has cut goes in with its other half.
      const UChar* begin = wide.data();
      if (!decoder_->began) {
        decoder_->began = true;
        if (*begin == 0xFEFF) ++begin;
      }
      UErrorCode narrow_error = U_ZERO_ERROR;
      std::int32_t length = 0;
      if (U16_IS_LEAD(target[-1]) && source < source_end) {
        UErrorCode next_error = U_ZERO_ERROR;
        const UChar* limit = target + 1;
        ucnv_toUnicode(decoder_->converter.get(), &target, limit, &source, source_end, nullptr, last,
                       &next_error);
        if (U_FAILURE(next_error) && next_error != U_BUFFER_OVERFLOW_ERROR) return refuse(bytes);
        more = more || next_error == U_BUFFER_OVERFLOW_ERROR || source < source_end;
      }
      u_strToUTF8(narrow.data(), static_cast<std::int32_t>(narrow.size()), &length, begin,
                  static_cast<std::int32_t>(target - begin), &narrow_error);
      if (U_FAILURE(narrow_error)) return refuse(bytes);
      text_.append(narrow.data(), static_cast<std::size_t>(length));
    }
    return true;
  }
  std::string joined;
  if (!decoder_->tail.empty()) {
    joined = decoder_->tail;
    joined += bytes;
    bytes = joined;
    decoder_->tail.clear();
  }
  if (!decoder_->began) {
    if (!last && bytes.size() < kUtf8Mark.size()) {
      decoder_->tail = bytes;
      return true;
    }
    decoder_->began = true;
    if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  }
  // U+0000 is well-formed here and judged record by record, unless there are so many that it is UTF-16.
  std::size_t good = 0;
  while (good < bytes.size()) {
    const auto bad = text::InvalidUtf8(bytes.substr(good));
    if (!bad) {
      good = bytes.size();
      break;
    }
    good += *bad;
    if (bytes[good] != '\0') break;
    if (std::count(bytes.begin(), bytes.end(), '\0') > static_cast<std::ptrdiff_t>(bytes.size() / 4)) break;
    ++good;
  }
  text_.append(bytes.substr(0, good));
  if (good == bytes.size()) return true;
  // A lead byte with too few behind it may be completed by the next chunk.
  const auto lead = static_cast<unsigned char>(bytes[good]);
  const std::size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const bool continues = std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(good) + 1, bytes.end(),
                                     [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
  if (!last && lead >= 0xC2 && lead <= 0xF4 && continues && bytes.size() - good < needed) {
    decoder_->tail = bytes.substr(good);
    return true;
  }
  return refuse(bytes);
}

void CsvParser::DetectDelimiter() {
  constexpr std::string_view kCandidates = ",;\t|";
  std::array<std::size_t, kCandidates.size()> counts{};
  bool quoted = false;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '\n' || c == '\r') && i > at_) break;
    if (const std::size_t which = kCandidates.find(c); which != std::string_view::npos) ++counts[which];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  options_.delimiter = *most == 0 ? ',' : kCandidates[static_cast<std::size_t>(most - counts.begin())];
}

void CsvParser::Note(const char* reason, std::string message) {
  if (!current_.problem) current_.problem = CsvProblem{reason, std::move(message)};
}

void CsvParser::EndField() {
  if (field_.size() == options_.max_field_bytes && current_.problem) {
    // What was cut off may have left half a character.
    while (!field_.empty() && (static_cast<unsigned char>(field_.back()) & 0xC0) == 0x80) field_.pop_back();
    if (!field_.empty() && static_cast<unsigned char>(field_.back()) >= 0xC0) field_.pop_back();
  }
  if (current_.fields.size() < options_.max_columns) {
    current_.fields.push_back(std::move(field_));
  } else {
    Note("TOO_MANY_COLUMNS", "a row may have at most " + std::to_string(options_.max_columns) + " columns");
  }
  field_.clear();
  state_ = State::kStart;
}

bool CsvParser::EndRecord(CsvRecord& record) {
  EndField();
  std::swap(record, current_);
  current_.fields.clear();
  current_.problem.reset();
  record_bytes_ = 0;
  skipping_ = false;
  const bool blank = record.fields.size() == 1 && record.fields[0].empty() && !record.problem;
  return !blank;
}

bool CsvParser::Next(CsvRecord& record) {
  if (options_.delimiter == 0) {
    // The first record has to be there as a whole, or be longer than any record may be.
    const std::size_t first = text_.find_first_not_of("\r\n", at_);
    const bool complete =
        first != std::string::npos && text_.find_first_of("\r\n", first) != std::string::npos;
    if (!complete && !finished_ && !error_ && text_.size() - at_ < options_.max_record_bytes) return false;
    if (text_.size() == at_) return false;
    DetectDelimiter();
  }
  const char delimiter = options_.delimiter;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '\n' && after_cr_) {  // the second half of CRLF
      after_cr_ = false;
      if (state_ == State::kQuoted && !skipping_ && field_.size() < options_.max_field_bytes) field_ += c;
      continue;
    }
    const bool line_break = c == '\n' || c == '\r';
    after_cr_ = c == '\r';
    if (record_bytes_ == 0) current_.line = line_;
    if (line_break) ++line_;
    ++record_bytes_;
    if (!skipping_ && record_bytes_ > options_.max_record_bytes) {
      Note("RECORD_TOO_LONG", "a row may have at most " + std::to_string(options_.max_record_bytes) +
                                  " bytes; is a closing quote missing?");
      // Go on at the next line break, quoted or not: otherwise one open quote would swallow the file.
      skipping_ = true;
      field_.clear();
      state_ = State::kPlain;
    }
    if (skipping_) {
      if (line_break && EndRecord(record)) return true;
      continue;
    }
    switch (state_) {
      case State::kStart:
        if (c == '"') {
          state_ = State::kQuoted;
          continue;
        }
        state_ = State::kPlain;
        [[fallthrough]];
      case State::kPlain:
        if (c == delimiter) {
          EndField();
          continue;
        }
        if (line_break) {
          if (EndRecord(record)) return true;
          continue;
        }
        break;
      case State::kQuoted:
        if (c == '"') {
          state_ = State::kQuoteInQuoted;
          continue;
        }
        break;
      case State::kQuoteInQuoted:
        if (c == delimiter) {
          EndField();
          continue;
        }
        if (line_break) {
          if (EndRecord(record)) return true;
          continue;
        }
        if (c == '"') {
          state_ = State::kQuoted;
        } else {
          Note("STRAY_QUOTE", "a quote inside a quoted field must be doubled");
          state_ = State::kPlain;
        }
        break;
    }
    if (c == '\0') {
      Note("BAD_CHARACTER", "the character U+0000 is not allowed");
    } else if (field_.size() < options_.max_field_bytes) {
      field_ += c;
    } else {
      Note("FIELD_TOO_LONG",
           "a field may have at most " + std::to_string(options_.max_field_bytes) + " bytes");
    }
  }
  if (!finished_ || record_bytes_ == 0) return false;
  if (state_ == State::kQuoted) {
    Note("UNTERMINATED_QUOTE", "the text ends inside a quoted field that begins in line " +
                                   std::to_string(current_.line) + "; is the file cut off?");
  }
  return EndRecord(record);
}

}  // namespace crm
