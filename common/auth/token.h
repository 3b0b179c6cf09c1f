#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/principal.h"

namespace crm::auth {

struct TokenOptions {
  std::string public_keys;  // one or more PEM public keys; a token is good under any of them
  std::string issuer = "guanxi";
  std::string audience = "guanxi";
};

// Checks JSON Web Tokens as RFC 8725 asks: only ES256 and RS256, issuer, audience, expiry and not-before
// (30 s leeway), a UUID subject. Verified tokens are remembered until they expire, so that a caller's second
// call costs a look-up. Thread safe.
class TokenVerifier {
 public:
  explicit TokenVerifier(TokenOptions options);
  ~TokenVerifier();

  // UNAUTHENTICATED with TOKEN_MISSING, TOKEN_EXPIRED or TOKEN_INVALID. `authorization` is the header's
  // value: "Bearer <token>".
  absl::StatusOr<PrincipalRef> Verify(std::string_view authorization, absl::Time now);

 private:
  struct Cache;
  absl::StatusOr<std::pair<PrincipalRef, absl::Time>> Decode(const std::string& token, absl::Time now) const;

  const TokenOptions options_;
  std::vector<std::string> keys_;
  std::unique_ptr<Cache> cache_;
};

// Signs a token for `principal` with a PEM private key (EC P-256 → ES256, RSA → RS256).
absl::StatusOr<std::string> SignToken(const Principal& principal, std::string_view private_key,
                                      const TokenOptions& options, absl::Time now, absl::Duration lifetime);

}  // namespace crm::auth
