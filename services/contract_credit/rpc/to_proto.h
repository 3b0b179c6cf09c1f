#pragma once
#include "absl/time/time.h"
#include "crm/contract/v1/contract_service.pb.h"
#include "crm/contract/v1/credit_service.pb.h"
#include "services/contract_credit/app/read_credit.h"
#include "services/contract_credit/domain/contract.h"
#include "services/contract_credit/domain/payment.h"

// Domain in, proto out.
namespace crm::contract {

crm::type::v1::Money ToProto(std::string_view currency, std::int64_t minor_units);
inline crm::type::v1::Money ToProto(const Money& money) { return ToProto(money.currency, money.minor_units); }

// Instalments stand where they stand at `now`, announced or not.
v1::Contract ToProto(const Contract& c, absl::Time now);
v1::Payment ToProto(const Payment& payment);
v1::CreditAccount ToProto(const CreditAccount& account);
v1::CheckCreditResponse ToProto(const CreditAnswer& answer);

// Empty for nil.
std::string Text(const Uuid& id);
std::string Text(const std::optional<absl::CivilDay>& day);

}  // namespace crm::contract
