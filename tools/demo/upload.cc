#include "tools/demo/upload.h"

#include <fstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/csv.h"
#include "common/base/digest.h"

namespace crm::demo {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// Calls `use` with each piece of the file.
void EachPiece(const std::string& path, const std::function<void(std::string_view)>& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read; check the path and its permissions");
  std::vector<char> piece(kPiece);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0)
    use(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
}

std::string RequestId(const UploadOptions& options) {
  std::string chain;
  const auto add = [&](std::string_view bytes) { chain = Sha256(chain + std::string(bytes)); };
  EachPiece(options.path, add);
  for (const auto& [field, column] : options.mapping) add(field + "=" + column);
  if (!options.encoding.empty()) add("encoding " + options.encoding);
  if (!options.date_order.empty()) add("dates " + options.date_order);
  return "demo/import/" + Hex(chain.substr(0, 16));
}

}  // namespace

std::string IdColumn(const UploadOptions& options) {
  CsvParser parser({.encoding = options.encoding.empty() ? "UTF-8" : options.encoding});
  CsvRecord header;
  bool found = false;
  EachPiece(options.path, [&](std::string_view bytes) {
    if (!found && parser.Feed(bytes)) found = parser.Next(header);
  });
  for (const std::string& column : header.fields) {
    const std::string name = absl::AsciiStrToLower(column);
    if (name == "id" || absl::EndsWith(name, "_id")) return column;
  }
  return "";
}

customer::v1::Import UploadLeads(const Clients& clients, const std::string& token,
                                 const UploadOptions& options) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::hours(6));
  customer::v1::ImportLeadsResponse response;
  const auto writer = clients.imports->ImportLeads(&context, &response);

  customer::v1::ImportLeadsRequest part;
  auto& header = *part.mutable_header();
  header.set_request_id(RequestId(options));
  header.set_name(options.path.substr(options.path.rfind('/') + 1));
  header.set_encoding(options.encoding);
  header.set_date_order(options.date_order);
  header.mutable_mapping()->insert(options.mapping.begin(), options.mapping.end());
  bool open = writer->Write(part);
  EachPiece(options.path, [&](std::string_view bytes) {
    part.set_chunk(std::string(bytes));
    open = open && writer->Write(part);
  });
  writer->WritesDone();
  if (const grpc::Status status = writer->Finish(); !status.ok()) throw Refused(status);
  return response.import();
}

}  // namespace crm::demo
