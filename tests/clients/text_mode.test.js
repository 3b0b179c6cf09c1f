// gRPC-Web in text mode (application/grpc-web-text: base64 frames), as browsers without streams of bytes speak it.
import { test } from "node:test";
import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { registry, requestId, webText } from "./guanxi.js";

const leads = webText("crm.customer.v1.LeadService");
const company = `上海远山 ${requestId()}`;

// What stands behind an error: google.rpc.Status of the trailers, its details by their type.
function detailsOf(error) {
  const bytes = Buffer.from(error.metadata["grpc-status-details-bin"], "base64");
  const status = fromBinary(registry.getMessage("google.rpc.Status"), bytes);
  return status.details.map((detail) => detail.typeUrl.split("/").pop());
}

test("a call goes there and back", async () => {
  const { lead } = await leads.unary("captureLead", { lead: { company, note: "想要演示" }, requestId: requestId() });
  assert.equal(lead.company, company);
  const { lead: read } = await leads.unary("getLead", { id: lead.id });
  assert.equal(read.note, "想要演示");
});

test("an error comes with its code, message and details", async () => {
  const error = await leads.unary("captureLead", { lead: { email: "nonsense" } }).then(assert.fail, (error) => error);
  assert.equal(error.code, 3, String(error));
  assert.match(error.message, /lead\.email/);
  assert.match(error.message, /request_id/);
  assert.deepEqual(detailsOf(error).sort(), ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]);
  const nowhere = await leads.unary("getLead", { id: requestId() }).then(assert.fail, (error) => error);
  assert.equal(nowhere.code, 5, String(nowhere));
  const stranger = await leads.unary("getLead", { id: requestId() }, {}).then(assert.fail, (error) => error);
  assert.equal(stranger.code, 16, String(stranger));
});

test("the frames arrive one by one: data, status, end", async () => {
  const { lead } = await leads.unary("captureLead", { lead: { company: `${company} 二` }, requestId: requestId() });
  const told = await leads.stream("getLead", { id: lead.id });
  assert.deepEqual(told.map(([event]) => event), ["data", "status", "end"]);
  assert.equal(told[0][1].lead.id, lead.id);
  assert.equal(told[1][1].code, 0);
  const refused = new Map(await leads.stream("getLead", { id: "42" }));
  assert.equal(refused.get("error")?.code, 3);
  assert.ok(!refused.has("data"));
});
