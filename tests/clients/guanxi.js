// The ways in, each through a client of the npm registry: @grpc/grpc-js straight to the services; connect-web (gRPC-Web
// in binary), grpc-web (in text) and plain fetch through the gateway. Nothing here is generated: the protos are read as
// they stand.
import { readFileSync } from "node:fs";
import { randomUUID, sign } from "node:crypto";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { create, createFileRegistry, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
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

const gateway = `http://${need("GUANXI_GATEWAY_ADDRESS")}`;
const addresses = {
  directory: need("GUANXI_CUSTOMER_ADDRESS"),
  customer: need("GUANXI_CUSTOMER_ADDRESS"),
  opportunity: need("GUANXI_OPPORTUNITY_ADDRESS"),
  contract: need("GUANXI_CONTRACT_CREDIT_ADDRESS"),
  analytics: need("GUANXI_ANALYTICS_ADDRESS"),
};
const protos = readFileSync(need("GUANXI_DESCRIPTOR_SET"));
const privateKey = readFileSync(need("GUANXI_TOKEN_PRIVATE_KEY"));

export const requestId = randomUUID;

// A token of an employee, who may do anything.
export function tokenOf(employee) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "guanxi", aud: "guanxi", sub: employee, scope: "*", iat: now, exp: now + 3600 };
  const text = [{ alg: "ES256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", text, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
const office = tokenOf(randomUUID());
const bearer = (token) => `Bearer ${token}`;

// service("customer", "LeadService").CaptureLead({...}) → a promise of the response, by the way that GUANXI_WAY names.
// Fields are written as in the protos and field masks as in JSON, whatever the client; errors carry code and message.
export function service(area, name, token = office) {
  const call = ways[need("GUANXI_WAY")].client(area, name, token);
  return new Proxy({}, { get: (_, method) => (request) => call(method, request) });
}

// A file of leads, in two pieces where the way streams. Browsers do not: for them the gateway takes the file whole.
export const importLeads = (header, file) => ways[need("GUANXI_WAY")].importLeads(header, Buffer.from(file));

const packages = grpc.loadPackageDefinition(
  protoLoader.loadFileDescriptorSetFromBuffer(protos, {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  }),
).crm;

// What begins calls of one service with @grpc/grpc-js: start(stub, metadata, options, callback) does, once for each.
function straight(area, name, token) {
  const stub = new packages[area].v1[name](addresses[area], grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", bearer(token));
  return (start) =>
    new Promise((resolve, reject) =>
      start(stub, metadata, { deadline: Date.now() + 10_000 }, (error, response) =>
        error ? reject(error) : resolve(response),
      ),
    );
}

const ways = {
  grpc: {
    client: (area, name, token) => {
      const begin = straight(area, name, token);
      return (method, { update_mask, ...request }) => {
        if (update_mask) request.update_mask = { paths: update_mask.split(",") };
        return begin((stub, ...rest) => stub[method](request, ...rest));
      };
    },
    importLeads: (header, file) =>
      straight("customer", "ImportService", office)((stub, ...rest) => {
        const upload = stub.ImportLeads(...rest);
        const middle = file.length >> 1;
        for (const part of [{ header }, { chunk: file.subarray(0, middle) }, { chunk: file.subarray(middle) }])
          upload.write(part);
        upload.end();
      }),
  },
  "grpc-web": {
    client: (area, name, token) => {
      const described = registry.getService(`crm.${area}.v1.${name}`);
      const transport = createGrpcWebTransport({ baseUrl: gateway, useBinaryFormat: true });
      const client = createClient(described, transport);
      return async (method, request) => {
        const { localName, input, output } = described.methods.find((one) => one.name === method);
        const options = { headers: { authorization: bearer(token) }, timeoutMs: 10_000 };
        const response = await client[localName](fromJson(input, request), options);
        return toJson(output, response, { useProtoFieldName: true, alwaysEmitImplicit: true });
      };
    },
    importLeads: async (header, file) => {
      const answer = await http("POST", `/v1/imports/leads?${new URLSearchParams(header)}`, file, {
        "content-type": "text/csv",
      });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer));
      return answer.body;
    },
  },
};

// JSON over HTTP. Answers { status, body }.
export async function http(method, path, body, headers = { "content-type": "application/json" }) {
  const response = await fetch(gateway + path, {
    method,
    headers: { authorization: bearer(office), ...headers },
    body: body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, protos));

// gRPC-Web in text mode, by Google's client, which is made for browsers. `unary` answers a promise; `stream` reads the
// answer as a stream and tells what came, in order: [["data", message], ["status", { code }], ["end"]], or an
// ["error", { code }] among them.
export function webText(name) {
  globalThis.XMLHttpRequest ??= xhr2.XMLHttpRequest;
  const client = new grpcWeb.GrpcWebClientBase({ format: "text" });
  const call = (start) => (method, request, headers = { authorization: bearer(office) }) => {
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
