#pragma once
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

namespace crm::testing {

struct KeyPair {
  std::string private_key, public_key;  // PEM
};

inline KeyPair ToKeyPair(EVP_PKEY* owned) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(owned, EVP_PKEY_free);
  const auto text = [](auto write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    write(bio.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {text([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          text([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, key.get()); })};
}

// A new key of its own for signing tokens with ES256.
inline KeyPair MakeKeyPair() { return ToKeyPair(EVP_EC_gen("P-256")); }

// The same for RS256.
inline KeyPair MakeRsaKeyPair() { return ToKeyPair(EVP_RSA_gen(2048)); }

}  // namespace crm::testing
