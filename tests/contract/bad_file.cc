#include "tests/contract/bad_file.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/testing/concurrent.h"

namespace crm::testing {

void BadFile::BreakOff(const std::string& target, const std::string& beginning, std::size_t promised_bytes,
                       const std::function<bool()>& arrived) {
  const std::string& gateway = suite().gateway();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(gateway.substr(gateway.rfind(':') + 1))));
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string sent =
      absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: ", gateway, "\r\nAuthorization: ", Bearer(),
                   "\r\nContent-Type: text/csv\r\nContent-Length: ", promised_bytes, "\r\n\r\n", beginning);
  EXPECT_EQ(send(connection, sent.data(), sent.size(), MSG_NOSIGNAL), static_cast<ssize_t>(sent.size()));
  EXPECT_TRUE(Eventually(arrived)) << "what was sent never arrived";
  close(connection);
}

HttpResponse BadFile::Send(const std::string& request_id, const std::string& bytes,
                           const Parameters& more) const {
  Parameters parameters = kind_.parameters;
  parameters["request_id"] = request_id;
  for (const auto& [name, value] : more) parameters[name] = value;
  return Upload(kind_.path, parameters, bytes);
}

std::string BadFile::RecordsOf(const Import& import) const {
  return suite()
      .Sql("SELECT count(*) FROM " + kind_.records + " WHERE import_id = '" + import.id + "'")
      .at(0);
}

void BadFile::ExpectRefused(absl::Span<const Unreadable> files) const {
  for (const Unreadable& file : files) {
    SCOPED_TRACE(file.name);
    // An import that has begun is there to be asked about: it has FAILED.
    ExpectUnchanged(
        [&] {
          BadInput::ExpectRefused(RefusalOf(Send(file.name, file.bytes, file.parameters)), file.code,
                                  file.field, file.reason);
        },
        {kind_.imports + " ", "ImportChanged"});
  }
}

void BadFile::ExpectImported(absl::Span<const File> files) const {
  for (const File& file : files) {
    SCOPED_TRACE(file.name);
    const Import import = ImportIn(Send(file.name, file.bytes, file.parameters));
    EXPECT_TRUE(import.succeeded);
    EXPECT_EQ(import.counts, file.counts);
    EXPECT_EQ(Rejects(import.id), file.rejects);
    EXPECT_EQ(RecordsOf(import), std::to_string(import.imported));
    ExpectUnchanged([&] {
      EXPECT_EQ(ImportIn(Send(file.name, file.bytes, file.parameters)).counts, file.counts)
          << "the same request is answered, not repeated";
    });
  }
}

void BadFile::ExpectGoesOn(const std::string& file) const {
  Parameters parameters = kind_.parameters;
  parameters["request_id"] = "broken off";
  const auto stands = [&](const std::string& condition) {
    return suite().Sql("SELECT count(*) FROM " + kind_.imports + " WHERE " + condition).at(0) == "1";
  };
  BreakOff(Target(kind_.path, parameters), file.substr(0, file.size() / 2), file.size(),
           [&] { return stands("rows_read > 0 AND state = 'RUNNING'"); });
  ASSERT_TRUE(Eventually([&] { return stands("rows_read > 0 AND state = 'INTERRUPTED'"); }));

  std::string other = file;
  other.replace(other.find("cut-3,"), 6, "cut-x,");
  ExpectUnchanged(
      [&] {
        BadInput::ExpectRefused(RefusalOf(Send("broken off", other)), kPrecondition, "",
                                "IMPORT_CONTENT_DIFFERS");
      },
      {kind_.imports + " ", "ImportChanged"});

  const Import import = ImportIn(Send("broken off", file));
  EXPECT_TRUE(import.succeeded);
  EXPECT_EQ(import.counts, "2500 read, 2500 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(RecordsOf(import), "2500");
}

}  // namespace crm::testing
