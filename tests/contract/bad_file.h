#pragma once
#include <google/protobuf/util/json_util.h>

#include <map>
#include <string>

#include "tests/contract/bad_input.h"

namespace crm::testing {

// Files on their way through the gateway.
class BadFile : public BadInput {
 protected:
  using Parameters = std::map<std::string, std::string>;

  static std::string Target(const std::string& path, const Parameters& parameters);
  static HttpResponse Upload(const std::string& path, const Parameters& parameters, const std::string& bytes);

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

  // Sends the beginning of an upload, waits until `arrived`, and hangs up.
  static void BreakOff(const std::string& target, const std::string& beginning, std::size_t promised_bytes,
                       const std::function<bool()>& arrived);

  // "" + "x,x,x…": `count` columns.
  static std::string Columns(int count) {
    std::string row = "x";
    for (int i = 1; i < count; ++i) row += ",x";
    return row;
  }
};

}  // namespace crm::testing
