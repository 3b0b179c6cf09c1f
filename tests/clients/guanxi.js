// The three ways in, each through a client of the npm registry: @grpc/grpc-js straight to the services, a gRPC-Web
// client and plain fetch through the gateway. Nothing here is generated: the protos are read as they stand.
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

const need = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by ./crm test clients`);
  return value;
};

export const token = need("GUANXI_TOKEN");
const gateway = `http://${need("GUANXI_GATEWAY_ADDRESS")}`;
const addresses = {
  directory: need("GUANXI_CUSTOMER_ADDRESS"),
  customer: need("GUANXI_CUSTOMER_ADDRESS"),
  opportunity: need("GUANXI_OPPORTUNITY_ADDRESS"),
  contract: need("GUANXI_CONTRACT_CREDIT_ADDRESS"),
  analytics: need("GUANXI_ANALYTICS_ADDRESS"),
};

export const requestId = randomUUID;

const packages = grpc.loadPackageDefinition(
  protoLoader.loadFileDescriptorSetFromBuffer(readFileSync(need("GUANXI_DESCRIPTOR_SET")), {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  }),
).crm;

// service("customer", "LeadService").CaptureLead({...}) → a promise of the response; errors carry code and details.
export function service(area, name) {
  const Stub = packages[area].v1[name];
  const stub = new Stub(addresses[area], grpc.credentials.createInsecure());
  return new Proxy(stub, {
    get: (target, method) =>
      method === "stub"
        ? target
        : (request) =>
            new Promise((resolve, reject) => {
              const metadata = new grpc.Metadata();
              metadata.set("authorization", `Bearer ${token}`);
              target[method](request, metadata, { deadline: Date.now() + 10_000 }, (error, response) =>
                error ? reject(error) : resolve(response),
              );
            }),
  });
}

// JSON over HTTP. Answers { status, body }.
export async function http(method, path, body, headers = {}) {
  const response = await fetch(gateway + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

// A gRPC-Web client of one service, by its full name.
export function web(name) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(need("GUANXI_DESCRIPTOR_SET"))));
  const transport = createGrpcWebTransport({
    baseUrl: gateway,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return createClient(registry.getService(name), transport);
}

// Asks until the answer satisfies `holds`; fails with the last answer after 30 s.
export async function eventually(ask, holds, what) {
  const end = Date.now() + 30_000;
  let answer;
  for (;;) {
    answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what} did not come true; last answer: ${JSON.stringify(answer)}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
