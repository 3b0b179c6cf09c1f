#pragma once
#include <google/protobuf/util/json_util.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {

// Files on their way through the gateway: what cannot be read as a whole is refused and changes nothing; of
// the others the good rows are imported once, and each bad one is reported by line and reason; one that broke
// off goes on. A kind of file says where it goes and how its answers are read.
class BadFile : public BadInput {
 protected:
  struct Kind {
    std::string path;       // of the upload
    Parameters parameters;  // beside request_id
    std::string imports;    // "guanxi_customer.lead_import"
    std::string records;    // the table of what is imported, with an import_id
  };
  struct Import {
    std::string id, counts;  // "2 read, 1 imported, 0 duplicate, 1 rejected"
    std::int64_t imported = 0;
    bool succeeded = false;
  };
  struct Unreadable {
    const char* name;
    std::string bytes;
    Parameters parameters;
    const char *code, *field, *reason;
  };
  struct File {
    const char* name;
    std::string bytes;
    Parameters parameters;
    std::string counts;
    std::vector<std::string> rejects;  // line, field, reason
  };

  explicit BadFile(Kind kind) : kind_(std::move(kind)) {}
  virtual Import ImportIn(const HttpResponse& answer) const = 0;
  virtual std::vector<std::string> Rejects(const std::string& import_id) const = 0;

  void ExpectRefused(absl::Span<const Unreadable> files) const;
  void ExpectImported(absl::Span<const File> files) const;
  // `file` has 2,500 rows, of which one begins with "cut-3,".
  void ExpectGoesOn(const std::string& file) const;

  template <class Answer>
  static Import ToImport(const Answer& import, bool succeeded) {
    return {import.id(),
            absl::StrCat(import.rows_read(), " read, ", import.rows_imported(), " imported, ",
                         import.rows_duplicate(), " duplicate, ", import.rows_rejected(), " rejected"),
            import.rows_imported(), succeeded};
  }

  template <class Response>
  static Response Read(const HttpResponse& answer) {
    Response response;
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &response).ok()) << answer.body;
    return response;
  }
  template <class Response>
  static Response Get(const std::string& target) {
    return Read<Response>(Http(suite().gateway(), "GET", target, "", {{"authorization", Bearer()}}));
  }

  HttpResponse Send(const std::string& request_id, const std::string& bytes,
                    const Parameters& more = {}) const;
  std::string RecordsOf(const Import& import) const;

  // Sends the beginning of an upload, waits until `arrived`, and hangs up.
  static void BreakOff(const std::string& target, const std::string& beginning, std::size_t promised_bytes,
                       const std::function<bool()>& arrived);

  // "" + "x,x,x…": `count` columns.
  static std::string Columns(int count) {
    std::string row = "x";
    for (int i = 1; i < count; ++i) row += ",x";
    return row;
  }

  const Kind kind_;
};

}  // namespace crm::testing
