#include "common/auth/token.h"

#include <gtest/gtest.h>
#include <jwt.h>
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
  // A token that SignToken would not make: the good claims with `more` added, which may replace them.
  std::string SignClaims(jwt_alg_t algorithm, const std::string& private_key, const std::string& more) {
    jwt_t* made = nullptr;
    EXPECT_EQ(jwt_new(&made), 0);
    const std::unique_ptr<jwt_t, decltype(&jwt_free)> jwt(made, jwt_free);
    jwt_add_grant(made, "iss", "guanxi");
    jwt_add_grant(made, "aud", "guanxi");
    jwt_add_grant(made, "sub", id_.ToString().c_str());
    EXPECT_EQ(jwt_add_grants_json(made, more.c_str()), 0);
    EXPECT_EQ(jwt_set_alg(made, algorithm, reinterpret_cast<const unsigned char*>(private_key.data()),
                          static_cast<int>(private_key.size())),
              0);
    const std::unique_ptr<char, decltype(&std::free)> encoded(jwt_encode_str(made), std::free);
    return absl::StrCat("Bearer ", encoded.get());
  }
  // In seconds, as claims have it.
  std::int64_t In(absl::Duration from_now) const { return absl::ToUnixSeconds(now_ + from_now); }

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

TEST_F(TokenTest, TimesThatAreMissingOrToComeAreRefused) {
  const auto reason = [&](const std::string& claims) {
    return ReasonOf(SignClaims(JWT_ALG_ES256, key_.private_key, claims));
  };
  const std::int64_t later = In(absl::Hours(1));
  EXPECT_EQ(reason(absl::StrCat(R"({"exp":)", later, "}")), "");
  EXPECT_EQ(reason("{}"), "TOKEN_INVALID") << "a token that never expires";
  EXPECT_EQ(reason(absl::StrCat(R"({"exp":")", later, "\"}")), "TOKEN_INVALID") << "an expiry in words";
  EXPECT_EQ(reason(absl::StrCat(R"({"exp":)", later, R"(,"nbf":)", In(absl::Minutes(1)), "}")),
            "TOKEN_INVALID");
  EXPECT_EQ(reason(absl::StrCat(R"({"exp":)", later, R"(,"nbf":)", In(absl::Seconds(20)), "}")), "")
      << "clocks differ by some seconds";
}

TEST_F(TokenTest, RsaKeysSignWithRs256AndWithNothingElse) {
  const testing::KeyPair rsa = testing::MakeRsaKeyPair();
  Principal principal;
  principal.id = id_;
  principal.permissions = {"lead:read"};
  const std::string token = "Bearer " + *SignToken(principal, rsa.private_key, {}, now_, absl::Hours(1));
  std::string header;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(7, token.find('.') - 7), &header));
  EXPECT_NE(header.find(R"("alg":"RS256")"), header.npos) << header;

  TokenVerifier rsa_only({.public_keys = rsa.public_key});
  const auto verified = rsa_only.Verify(token, now_);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ((*verified)->id, id_);
  EXPECT_TRUE((*verified)->May("lead:read"));
  TokenVerifier both({.public_keys = key_.public_key + rsa.public_key});
  EXPECT_TRUE(both.Verify(token, now_).ok());
  EXPECT_TRUE(both.Verify(Sign(), now_).ok());

  EXPECT_EQ(ReasonOf(token), "TOKEN_INVALID") << "these keys are of the other kind";
  EXPECT_EQ(errors::Reason(rsa_only.Verify(Sign(), now_).status()), "TOKEN_INVALID");
  const std::string claims = absl::StrCat(R"({"exp":)", In(absl::Hours(1)), "}");
  for (const jwt_alg_t algorithm : {JWT_ALG_RS384, JWT_ALG_RS512})
    EXPECT_EQ(errors::Reason(rsa_only.Verify(SignClaims(algorithm, rsa.private_key, claims), now_).status()),
              "TOKEN_INVALID");
  EXPECT_TRUE(rsa_only.Verify(SignClaims(JWT_ALG_RS256, rsa.private_key, claims), now_).ok());
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
