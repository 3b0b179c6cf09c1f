#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

struct CsvOptions {
  std::string encoding = "UTF-8";  // or what the sender states: GB18030, GBK, Big5, ISO-8859-1, UTF-16, …
  char delimiter = 0;              // 0: found in the first record, one of , ; tab |
  std::size_t max_columns = 100;
  std::size_t max_field_bytes = 32 * 1024;    // of UTF-8
  std::size_t max_record_bytes = 256 * 1024;  // a quote that is never closed ends here
};

// What is wrong with one record, or with the whole text.
struct CsvProblem {
  std::string reason;  // TOO_MANY_COLUMNS, FIELD_TOO_LONG, RECORD_TOO_LONG, UNTERMINATED_QUOTE,
                       // BAD_CHARACTER, STRAY_QUOTE; of the whole text: UNKNOWN_ENCODING, WRONG_ENCODING
  std::string message;
};

struct CsvRecord {
  std::int64_t line = 0;  // of its first character, from 1
  std::vector<std::string> fields;
  std::optional<CsvProblem> problem;  // then `fields` holds what could be read
};

// RFC 4180 as people produce it: quoted line breaks, CRLF, LF or CR, a byte-order mark. Fed with chunks cut
// anywhere; keeps no more than one record and one chunk in memory. Blank lines are passed over.
//   while (more) { if (!parser.Feed(bytes)) return parser.error(); while (parser.Next(record)) … }
//   parser.Finish(); while (parser.Next(record)) …
// Not thread safe.
class CsvParser {
 public:
  explicit CsvParser(CsvOptions options = {});
  ~CsvParser();
  CsvParser(CsvParser&&) noexcept;

  // False when the text cannot be read at all; error() then says why and where. Records before the fault stay
  // readable; nothing more is taken.
  bool Feed(std::string_view bytes);
  bool Finish();

  // The next complete record, or false when more bytes are needed (or none are left).
  bool Next(CsvRecord& record);

  const std::optional<CsvProblem>& error() const { return error_; }
  std::int64_t error_line() const { return error_line_; }
  char delimiter() const { return options_.delimiter; }  // 0 until the first record is complete

 private:
  struct Decoder;
  bool Decode(std::string_view bytes, bool last);
  bool Fail(std::string reason, std::string message);
  void DetectDelimiter();
  void EndField();
  bool EndRecord(CsvRecord& record);
  void Note(const char* reason, std::string message);

  CsvOptions options_;
  std::unique_ptr<Decoder> decoder_;
  std::optional<CsvProblem> error_;
  std::int64_t error_line_ = 0;

  std::string text_;    // decoded and not yet parsed
  std::size_t at_ = 0;  // in text_
  bool finished_ = false;

  enum class State { kStart, kPlain, kQuoted, kQuoteInQuoted };
  State state_ = State::kStart;
  CsvRecord current_;
  std::string field_;
  std::size_t record_bytes_ = 0;
  std::int64_t line_ = 1;
  bool after_cr_ = false;
  bool skipping_ = false;  // the rest of a record that became too long
};

}  // namespace crm
