#pragma once
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "crm/customer/v1/customer_service.pb.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "services/gateway/http/server.h"
#include "services/gateway/http/test_client.h"

namespace crm::gateway {

inline grpc::Status AfterThree() {
  return ToGrpc(errors::Make(absl::StatusCode::kDataLoss, "AFTER_THREE", "after three"));
}

// A gRPC server whose answers show what reached it; for tests only.
class TestBackend {
 public:
  class Leads final : public customer::v1::LeadService::Service {
   public:
    grpc::Status CaptureLead(grpc::ServerContext*, const customer::v1::CaptureLeadRequest* request,
                             customer::v1::CaptureLeadResponse* response) override {
      *response->mutable_lead() = request->lead();
      return grpc::Status::OK;
    }
    // The id chooses what happens.
    grpc::Status GetLead(grpc::ServerContext* context, const customer::v1::GetLeadRequest* request,
                         customer::v1::GetLeadResponse* response) override {
      if (request->id() == "missing") return ToGrpc(errors::NotFound("lead", "missing"));
      if (request->id() == "busy") return ToGrpc(errors::Overloaded(absl::Milliseconds(1500)));
      if (request->id() == "slow") {
        while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
        ++cancelled;
        return grpc::Status::CANCELLED;
      }
      if (request->id() == "later") absl::SleepFor(absl::Milliseconds(300));
      for (const auto& [key, value] : context->client_metadata())
        (*response->mutable_lead()->mutable_attributes())[std::string(key.data(), key.size())] =
            std::string(value.data(), value.size());
      const auto left = context->deadline() - std::chrono::system_clock::now();
      response->mutable_lead()->set_size(
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(left).count()));
      return grpc::Status::OK;
    }
    std::atomic<int> cancelled = 0;
  };

  class Imports final : public customer::v1::ImportService::Service {
   public:
    grpc::Status ImportLeads(grpc::ServerContext* context,
                             grpc::ServerReader<customer::v1::ImportLeadsRequest>* reader,
                             customer::v1::ImportLeadsResponse* response) override {
      customer::v1::ImportLeadsRequest part;
      if (!reader->Read(&part) || !part.has_header())
        return {grpc::StatusCode::INVALID_ARGUMENT, "a header comes first"};
      auto& import = *response->mutable_import();
      import.set_name(part.header().name());
      *import.mutable_mapping() = part.header().mapping();
      if (part.header().name() == "stuck") {
        while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
        ++interrupted;
        return grpc::Status::CANCELLED;
      }
      if (part.header().name() == "refused") return ToGrpc(errors::PermissionMissing("lead:import"));
      std::int64_t bytes = 0;
      while (reader->Read(&part)) bytes += static_cast<std::int64_t>(part.chunk().size());
      if (context->IsCancelled()) ++interrupted;
      import.set_rows_read(bytes);
      return grpc::Status::OK;
    }
    std::atomic<int> interrupted = 0;
  };

  TestBackend() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&leads).RegisterService(&imports).RegisterCallbackGenericService(&generic_);
    server_ = builder.BuildAndStart();
  }
  ~TestBackend() { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(100)); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  grpc::Server& server() { return *server_; }

  Leads leads;
  Imports imports;

 private:
  // Answers any other method by its request, three times.
  class ThreeTimes final : public grpc::CallbackGenericService {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      Reactor() { StartRead(&message_); }
      void OnReadDone(bool ok) override {
        if (ok) {
          StartWrite(&message_);
        } else {
          Finish(grpc::Status(grpc::StatusCode::CANCELLED, "no request"));
        }
      }
      void OnWriteDone(bool ok) override {
        if (ok && ++written_ < 3) {
          StartWrite(&message_);
        } else {
          Finish(AfterThree());
        }
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer message_;
      int written_ = 0;
    };
    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
      return new Reactor;
    }
  };

  ThreeTimes generic_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// A backend with a gateway before it.
class GatewayTest : public testing::Test {
 protected:
  void StartGateway(GatewayOptions options = {}) {
    const auto* streams = StreamService();
    auto routes = Routes::Of({customer::v1::Lead::descriptor()->file()->service(0),
                              customer::v1::Import::descriptor()->file()->service(0),
                              customer::v1::Customer::descriptor()->file()->service(0), streams});
    ASSERT_TRUE(routes.ok()) << routes.status();
    if (options.backends.empty()) options.backends["customer"] = backend.address();
    gateway = std::make_unique<Gateway>(std::move(options), *std::move(routes), "{\"openapi\":\"3.0.3\"}");
    auto started = Server::Start(*gateway, "127.0.0.1:0");
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  TestClient Connect() { return TestClient(server->port()); }

  // A service with a server-streaming method; only its descriptor is needed.
  static const google::protobuf::ServiceDescriptor* StreamService() {
    static auto* pool = new google::protobuf::DescriptorPool;
    static const auto* file = [] {
      google::protobuf::FileDescriptorProto proto;
      proto.set_name("stream_test.proto");
      proto.set_package("crm.customer.v1");
      proto.add_message_type()->set_name("Any");
      auto* service = proto.add_service();
      service->set_name("StreamService");
      auto* method = service->add_method();
      method->set_name("Watch");
      method->set_input_type("Any");
      method->set_output_type("Any");
      method->set_server_streaming(true);
      return pool->BuildFile(proto);
    }();
    return file->service(0);
  }

  TestBackend backend;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<Server> server;
};

}  // namespace crm::gateway
