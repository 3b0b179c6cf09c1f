// The ways in, each through a client of the npm registry: @grpc/grpc-js straight to the services; connect-web (gRPC-Web
// in binary), grpc-web (in text) and plain fetch through the gateway. Nothing here is generated: the protos are read as
// they stand.
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import grpcWeb from "grpc-web";
import xhr2 from "xhr2";

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

export const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(need("GUANXI_DESCRIPTOR_SET"))),
);

// A gRPC-Web client of one service, by its full name.
export function web(name) {
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

// The same in text mode, by Google's client, which is made for browsers. `unary` answers a promise; `stream` reads the
// answer as a stream and tells what came, in order: [["data", message], ["status", { code }], ["end"]], or an
// ["error", { code }] among them.
export function webText(name) {
  globalThis.XMLHttpRequest ??= xhr2.XMLHttpRequest;
  const client = new grpcWeb.GrpcWebClientBase({ format: "text" });
  const call = (start) => (method, request, headers = { authorization: `Bearer ${token}` }) => {
    const { input, output, name: rpc } = registry.getService(name).method[method];
    const path = `/${name}/${rpc}`;
    const descriptor = new grpcWeb.MethodDescriptor(
      path, grpcWeb.MethodType.UNARY, Object, Object,
      (message) => toBinary(input, create(input, message)),
      (bytes) => fromBinary(output, bytes),
    );
    return start(gateway + path, request, headers, descriptor);
  };
  return {
    unary: call(
      (...parts) =>
        new Promise((resolve, reject) =>
          client.rpcCall(...parts, (error, response) => (error ? reject(error) : resolve(response))),
        ),
    ),
    stream: call(
      (...parts) =>
        new Promise((resolve) => {
          const told = [];
          const stream = client.serverStreaming(...parts);
          for (const event of ["data", "status"]) stream.on(event, (what) => told.push([event, what]));
          for (const event of ["error", "end"])
            stream.on(event, (what) => {
              told.push([event, what]);
              resolve(told);
            });
        }),
    ),
  };
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
