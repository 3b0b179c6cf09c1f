#include "common/auth/token.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"

namespace crm::auth {
namespace {

constexpr std::size_t kMaxToken = 16 * 1024;
constexpr std::size_t kMaxCached = 10'000;
constexpr std::int64_t kLeewaySeconds = 30;
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";

using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

absl::Status Invalid(std::string_view why) {
  return errors::Unauthenticated(
      "TOKEN_INVALID", absl::StrCat("the token is not valid: ", absl::string_view(why.data(), why.size())));
}

std::string Grant(jwt_t* jwt, const char* name) {
  const char* value = jwt_get_grant(jwt, name);
  return value == nullptr ? "" : value;
}

}  // namespace

struct TokenVerifier::Cache {
  std::mutex mutex;
  absl::flat_hash_map<std::string, std::pair<PrincipalRef, absl::Time>> known;
};

TokenVerifier::TokenVerifier(TokenOptions options)
    : options_(std::move(options)), cache_(std::make_unique<Cache>()) {
  std::string_view rest = options_.public_keys;
  for (std::size_t end; (end = rest.find(kEnd)) != rest.npos; rest.remove_prefix(end + kEnd.size())) {
    std::string_view key = rest.substr(0, end + kEnd.size());
    const std::size_t begin = key.find("-----BEGIN");
    if (begin != key.npos) keys_.push_back(std::string(key.substr(begin)) + "\n");
  }
}

TokenVerifier::~TokenVerifier() = default;

absl::StatusOr<PrincipalRef> TokenVerifier::Verify(std::string_view authorization, absl::Time now) {
  static constexpr std::string_view kBearer = "bearer ";
  if (authorization.empty())
    return errors::Unauthenticated("TOKEN_MISSING", "send a token: authorization: Bearer <token>");
  if (!absl::StartsWithIgnoreCase(absl::string_view(authorization.data(), authorization.size()), "bearer ") ||
      authorization.size() > kMaxToken)
    return Invalid("it must be sent as \"Bearer <token>\" of at most 16 KiB");
  const std::string token(authorization.substr(kBearer.size()));
  {
    std::lock_guard lock(cache_->mutex);
    if (const auto found = cache_->known.find(token); found != cache_->known.end()) {
      if (now < found->second.second) return found->second.first;
      cache_->known.erase(found);
    }
  }
  auto decoded = Decode(token, now);
  if (!decoded.ok()) return decoded.status();
  std::lock_guard lock(cache_->mutex);
  if (cache_->known.size() >= kMaxCached) cache_->known.clear();
  cache_->known.insert_or_assign(token, *decoded);
  return decoded->first;
}

absl::StatusOr<std::pair<PrincipalRef, absl::Time>> TokenVerifier::Decode(const std::string& token,
                                                                          absl::Time now) const {
  Jwt jwt(nullptr, jwt_free);
  for (const std::string& key : keys_) {
    jwt_t* decoded = nullptr;
    if (jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(key.data()),
                   static_cast<int>(key.size())) != 0)
      continue;
    jwt.reset(decoded);
    // The library verifies by whatever algorithm the header names, HMAC with the public key's text included:
    // only these two count as verified.
    const jwt_alg_t algorithm = jwt_get_alg(decoded);
    if (algorithm == JWT_ALG_ES256 || algorithm == JWT_ALG_RS256) break;
    jwt.reset();
  }
  if (jwt == nullptr) return Invalid("its signature does not verify; get a new one");
  if (Grant(jwt.get(), "iss") != options_.issuer) return Invalid("it comes from another issuer");
  if (Grant(jwt.get(), "aud") != options_.audience) return Invalid("it is meant for another audience");
  const std::int64_t seconds = absl::ToUnixSeconds(now);
  // -1 when there is none, whatever the library's header says; 0 when it is not a whole number.
  const std::int64_t expires = jwt_get_grant_int(jwt.get(), "exp");
  if (expires <= 0) return Invalid("it has no expiry (exp)");
  if (expires + kLeewaySeconds <= seconds)
    return errors::Unauthenticated("TOKEN_EXPIRED", "the token has expired; get a new one");
  if (jwt_get_grant_int(jwt.get(), "nbf") > seconds + kLeewaySeconds)
    return Invalid("it is not valid yet (nbf)");
  const auto id = Uuid::Parse(Grant(jwt.get(), "sub"));
  if (!id || id->nil()) return Invalid("its subject (sub) is not a UUID");

  Principal principal;
  principal.id = *id;
  principal.name = Grant(jwt.get(), "name");
  principal.org_unit_id = Uuid::Parse(Grant(jwt.get(), "org_unit")).value_or(Uuid());
  principal.permissions = absl::StrSplit(Grant(jwt.get(), "scope"), ' ', absl::SkipEmpty());
  std::sort(principal.permissions.begin(), principal.permissions.end());
  principal.token = token;
  return std::pair<PrincipalRef, absl::Time>(std::make_shared<const Principal>(std::move(principal)),
                                             absl::FromUnixSeconds(expires + kLeewaySeconds));
}

absl::StatusOr<std::string> SignToken(const Principal& principal, std::string_view private_key,
                                      const TokenOptions& options, absl::Time now, absl::Duration lifetime) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())), BIO_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr) return absl::InvalidArgumentError("the private key is not a PEM file");
  const jwt_alg_t algorithm = EVP_PKEY_base_id(key.get()) == EVP_PKEY_EC ? JWT_ALG_ES256 : JWT_ALG_RS256;

  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0) return absl::InternalError("jwt_new");
  Jwt jwt(made, jwt_free);
  jwt_add_grant(made, "iss", options.issuer.c_str());
  jwt_add_grant(made, "aud", options.audience.c_str());
  jwt_add_grant(made, "sub", principal.id.ToString().c_str());
  jwt_add_grant(made, "name", principal.name.c_str());
  jwt_add_grant(made, "org_unit", principal.org_unit_id.ToString().c_str());
  jwt_add_grant(made, "scope", absl::StrJoin(principal.permissions, " ").c_str());
  jwt_add_grant(made, "jti", Uuid::New().ToString().c_str());
  jwt_add_grant_int(made, "iat", static_cast<long>(absl::ToUnixSeconds(now)));
  jwt_add_grant_int(made, "exp", static_cast<long>(absl::ToUnixSeconds(now + lifetime)));
  if (jwt_set_alg(made, algorithm, reinterpret_cast<const unsigned char*>(private_key.data()),
                  static_cast<int>(private_key.size())) != 0)
    return absl::InvalidArgumentError("the private key cannot sign");
  char* encoded = jwt_encode_str(made);
  if (encoded == nullptr) return absl::InvalidArgumentError("the private key cannot sign");
  std::string token(encoded);
  std::free(encoded);
  return token;
}

}  // namespace crm::auth
