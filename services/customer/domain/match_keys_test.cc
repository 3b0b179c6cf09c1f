#include "services/customer/domain/match_keys.h"

#include <gtest/gtest.h>

namespace crm::customer {
namespace {

LeadDetails Details(const char* company, const char* contact, const char* phone, const char* email) {
  LeadDetails details;
  details.company = company;
  details.contact = contact;
  details.phone = phone;
  details.email = email;
  return details;
}

MatchKeys Keys(const char* company, const char* contact, const char* phone, const char* email) {
  return MatchKeysOf(Details(company, contact, phone, email));
}

TEST(MatchKeys, SeeThroughWidthScriptAndLegalForm) {
  EXPECT_EQ(Keys("上海華為科技有限公司", "李 雷", "138-0013-8000", "Li@Example.com"),
            Keys("上海华为科技", "李 雷", "+86 13800138000", "li@example.com"));
}

TEST(MatchKeys, FingerprintsAreEqualForTheSameLeadOnly) {
  EXPECT_EQ(FingerprintOf(Keys("Acme Ltd", "", "", "")), FingerprintOf(Keys("ACME", "", "", "")));
  EXPECT_NE(FingerprintOf(Keys("Acme", "", "", "")), FingerprintOf(Keys("Acme", "Li Lei", "", "")));
  EXPECT_FALSE(FingerprintOf(Keys("", "", "", "")));
  EXPECT_FALSE(FingerprintOf(Keys("", "Li Lei", "", "")));
}

TEST(MatchKeys, VerdictsTellTheSamePersonFromALikeness) {
  struct Case {
    MatchKeys a, b;
    DuplicateVerdict verdict;
  };
  const Case cases[] = {
      {Keys("", "", "", "a@b.cn"), Keys("Acme", "Li", "", "a@b.cn"), DuplicateVerdict::kBlock},
      {Keys("Acme", "Li", "", "info@b.cn"), Keys("Acme", "Wang", "", "info@b.cn"), DuplicateVerdict::kWarn},
      {Keys("Acme", "", "13800138000", ""), Keys("Beta", "", "13800138000", ""), DuplicateVerdict::kWarn},
      {Keys("Acme", "Li", "", ""), Keys("Acme", "Li", "", "li@b.cn"), DuplicateVerdict::kBlock},
      {Keys("Acme", "Li", "", "li@a.cn"), Keys("Acme", "Li", "", "li@b.cn"), DuplicateVerdict::kWarn},
      {Keys("Acme", "", "", ""), Keys("Acme", "", "", ""), DuplicateVerdict::kBlock},
      {Keys("Acme", "Li", "", ""), Keys("Acme", "Wang", "", ""), DuplicateVerdict::kNone},
      {Keys("", "Li", "", ""), Keys("", "Li", "", ""), DuplicateVerdict::kNone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Compare(c.a, c.b), c.verdict) << c.a.company << '/' << c.a.contact;
    EXPECT_EQ(Compare(c.b, c.a), c.verdict) << "symmetric";
  }
}

}  // namespace
}  // namespace crm::customer
