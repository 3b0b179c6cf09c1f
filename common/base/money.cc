#include "common/base/money.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace crm {
namespace {

// ISO 4217, active codes that can be an amount's currency, with those whose minor unit is not a hundredth.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW "
    "ZWL ";
constexpr std::string_view kNoDigits = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF ";
constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND ";

bool Listed(std::string_view list, std::string_view code) {
  for (std::size_t at = 0; at < list.size(); at += 4)
    if (list.substr(at, 3) == code) return true;
  return false;
}

bool SameCurrency(const Money& a, const Money& b) { return a.currency == b.currency; }

}  // namespace

bool IsCurrency(std::string_view code) { return code.size() == 3 && Listed(kCurrencies, code); }

int CurrencyDigits(std::string_view code) {
  if (Listed(kNoDigits, code)) return 0;
  return Listed(kThreeDigits, code) ? 3 : 2;
}

std::optional<Money> Add(const Money& a, const Money& b) {
  Money sum{a.currency, 0};
  if (!SameCurrency(a, b) || __builtin_add_overflow(a.minor_units, b.minor_units, &sum.minor_units))
    return std::nullopt;
  return sum;
}

std::optional<std::int64_t> MulDiv(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
  const __int128 product = __int128{amount} * numerator;
  const __int128 half = denominator / 2;
  // With an odd denominator there is no exact half, so adding the truncated half rounds correctly too.
  const __int128 rounded = (product >= 0 ? product + half : product - half) / denominator;
  if (rounded > std::numeric_limits<std::int64_t>::max() ||
      rounded < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(rounded);
}

std::vector<std::int64_t> Allocate(std::int64_t total, absl::Span<const std::int64_t> weights) {
  __int128 sum = 0;
  for (const std::int64_t weight : weights) sum += weight;
  std::vector<std::int64_t> parts(weights.size());
  std::vector<__int128> remainders(weights.size());
  std::int64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const __int128 share = __int128{total} * weights[i];
    parts[i] = static_cast<std::int64_t>(share / sum);
    remainders[i] = share % sum;
    left -= parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; left > 0; ++i, --left) ++parts[order[i]];
  return parts;
}

}  // namespace crm
