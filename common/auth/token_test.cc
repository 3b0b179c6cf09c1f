#include "common/auth/token.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/testing/keys.h"

namespace crm::auth {
namespace {

class TokenTest : public ::testing::Test {
 protected:
  std::string Sign(const TokenOptions& options = {}, absl::Duration lifetime = absl::Hours(1)) {
    Principal principal;
    principal.id = id_;
    principal.name = "王芳";
    principal.permissions = {"customer:read", "lead:*"};
    return "Bearer " + *SignToken(principal, key_.private_key, options, now_, lifetime);
  }
  std::string ReasonOf(const std::string& header) {
    return errors::Reason(verifier_.Verify(header, now_).status());
  }

  const Uuid id_ = Uuid::New();
  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const testing::KeyPair key_ = testing::MakeKeyPair(), other_ = testing::MakeKeyPair();
  TokenVerifier verifier_{{.public_keys = other_.public_key + key_.public_key}};
};

TEST_F(TokenTest, AGoodTokenNamesItsPrincipal) {
  const auto principal = verifier_.Verify(Sign(), now_);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ((*principal)->id, id_);
  EXPECT_EQ((*principal)->name, "王芳");
  EXPECT_TRUE((*principal)->May("lead:create"));
  EXPECT_TRUE((*principal)->May("customer:read"));
  EXPECT_FALSE((*principal)->May("customer:update"));
  EXPECT_FALSE((*principal)->May(""));
}

TEST_F(TokenTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(ReasonOf(""), "TOKEN_MISSING");
  EXPECT_EQ(ReasonOf("Bearer nonsense"), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf("Basic " + Sign()), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Sign({}, absl::Minutes(-5))), "TOKEN_EXPIRED");
  EXPECT_EQ(ReasonOf(Sign({.public_keys = "", .issuer = "elsewhere"})), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Sign({.public_keys = "", .audience = "elsewhere"})), "TOKEN_INVALID");
}

TEST_F(TokenTest, ARememberedTokenExpiresToo) {
  const std::string token = Sign();
  EXPECT_TRUE(verifier_.Verify(token, now_).ok());
  EXPECT_EQ(errors::Reason(verifier_.Verify(token, now_ + absl::Hours(2)).status()), "TOKEN_EXPIRED");
}

TEST_F(TokenTest, OtherAlgorithmsAndTamperedClaimsAreRefused) {
  std::string none, claims;
  absl::WebSafeBase64Escape(R"({"alg":"none","typ":"JWT"})", &none);
  absl::WebSafeBase64Escape(
      absl::StrCat(R"({"iss":"guanxi","aud":"guanxi","exp":1900000000,"scope":"*","sub":")", id_.ToString(),
                   "\"}"),
      &claims);
  EXPECT_EQ(ReasonOf(absl::StrCat("Bearer ", none, ".", claims, ".")), "TOKEN_INVALID");

  std::string good = Sign();
  const std::size_t dot = good.find('.'), end = good.rfind('.');
  EXPECT_EQ(ReasonOf(good.substr(0, dot + 1) + claims + good.substr(end)), "TOKEN_INVALID");

  // HMAC keyed with the public key's text: the classic confusion of algorithms.
  std::string hmac;
  absl::WebSafeBase64Escape(R"({"alg":"HS256","typ":"JWT"})", &hmac);
  const std::string body = absl::StrCat(hmac, ".", claims);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.public_key.data(), static_cast<int>(key_.public_key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &size);
  std::string signature;
  absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<char*>(digest), size), &signature);
  EXPECT_EQ(ReasonOf(absl::StrCat("Bearer ", body, ".", signature)), "TOKEN_INVALID");
}

}  // namespace
}  // namespace crm::auth
