// Written from the descriptors: every list refuses a page token that is made for its question, but whose
// parts cannot be read.
#include "absl/strings/escaping.h"
#include "common/base/digest.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

TEST_F(BadInput, OfPageTokensIsRefusedByEveryList) {
  int lists = 0;
  for (const MethodDescriptor* method : UnaryMethods()) {
    const auto* token = method->input_type()->FindFieldByName("page_token");
    if (token == nullptr) continue;
    ++lists;
    const auto request = New(method->input_type());
    std::string bytes = Sha256(request->SerializeAsString()).substr(0, 8) + "\xff";
    for (int parts = 1; parts <= 3; ++parts, bytes += "\x1f\xff") {
      SCOPED_TRACE(method->full_name() + " with parts: " + std::to_string(parts));
      request->GetReflection()->SetString(request.get(), token, absl::WebSafeBase64Escape(bytes));
      ExpectRefused(RefusalOf(Call(*method, *request, Bearer())), kInvalid, "page_token", "MALFORMED");
    }
  }
  EXPECT_GT(lists, 15);
}

}  // namespace
}  // namespace crm::testing
