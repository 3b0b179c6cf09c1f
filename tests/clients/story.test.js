// The whole story of Guanxi, from a file of leads to collected money and the manager's numbers, told by clients that
// nobody here wrote: once straight to the services and once through the gateway.
import { test } from "node:test";
import assert from "node:assert/strict";
import { eventually, http, importLeads, requestId, service, tokenOf } from "./guanxi.js";

const directory = service("directory", "DirectoryService");
const imports = service("customer", "ImportService");
const leads = service("customer", "LeadService");
const customers = service("customer", "CustomerService");
const processes = service("opportunity", "SalesProcessService");
const opportunities = service("opportunity", "OpportunityService");
const activities = service("opportunity", "ActivityService");
const products = service("opportunity", "ProductService");
const quotes = service("opportunity", "QuoteService");
const contracts = service("contract", "ContractService");
const credit = service("contract", "CreditService");
const analytics = service("analytics", "AnalyticsService");

const story = {};

const yuan = (minor_units) => ({ currency_code: "CNY", minor_units });
const dayFromNow = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

// Until a person is told of a subject; all that he has not read yet, as [kind, subject].
async function toldTo(person, kind, subject) {
  const inbox = service("opportunity", "NotificationService", tokenOf(person));
  const { notifications } = await eventually(
    () => inbox.ListNotifications({ unread_only: true }),
    (page) => page.notifications.some((one) => one.kind === kind && one.subject_id === subject),
    `${kind} in the inbox`,
  );
  return notifications.map((one) => [one.kind, one.subject_id]);
}

test("the enterprise: a unit, two people, a rule, a process, a product", async () => {
  const unit = await directory.CreateOrgUnit({
    org_unit: { name: "华东分公司 East", kind: "ORG_UNIT_KIND_HEADQUARTERS" },
    request_id: requestId(),
  });
  story.unit = unit.org_unit.id;
  for (const [name, login] of [["王芳", "wang.fang"], ["Ada Reyes", "ada.reyes"]]) {
    await directory.CreateEmployee({
      employee: { name, login, org_unit_id: story.unit, capacity: 50, time_zone: "Asia/Shanghai" },
      request_id: requestId(),
    });
  }
  for (const phase of ["ASSIGNMENT_PHASE_UNJUDGED", "ASSIGNMENT_PHASE_SALES"]) {
    await leads.CreateAssignmentRule({
      assignment_rule: {
        org_unit_id: story.unit,
        name: "in turn",
        enabled: true,
        phase,
        strategy: "ASSIGNMENT_STRATEGY_ROUND_ROBIN",
        team_org_unit_id: story.unit,
        follow_up_minutes: 480,
      },
      request_id: requestId(),
    });
  }
  const stage = (key, probability_percent, forecast_category, gates = []) => ({
    key, display_name: key, probability_percent, forecast_category, gates, expected_days: 7, maximum_days: 30,
  });
  await processes.CreateSalesProcess({
    sales_process: {
      key: "standard",
      name: "标准流程",
      stages: [
        stage("qualified", 20, "FORECAST_CATEGORY_PIPELINE"),
        stage("proposal", 50, "FORECAST_CATEGORY_BEST_CASE", [{ required_field: "amount" }]),
        stage("negotiation", 80, "FORECAST_CATEGORY_COMMIT"),
      ],
    },
    request_id: requestId(),
  });
  const product = await products.CreateProduct({
    product: { sku: "GX-1", name: "关系服务 Relationship suite", list_price: yuan(1000001) },
    request_id: requestId(),
  });
  story.product = product.product.id;
});

test("1 a file of leads is imported, its bad row reported by line", async () => {
  const csv =
    "公司,联系人,电话,邮箱,来源,备注\r\n" +
    '上海远山科技有限公司,李雷,13800138000,li.lei@yuanshan.example,展会,"想要\n演示"\r\n' +
    "Northwind GmbH,Jo Doe,+49 30 901820,jo@northwind.example,web,\r\n" +
    ",,,not-an-address,web,\r\n";
  const header = { request_id: requestId(), name: "fair.csv", org_unit_id: story.unit };
  const { import: done } = await importLeads(header, csv);
  assert.equal(done.rows_imported, "2");
  assert.equal(done.rows_rejected, "1");
  const { rejects } = await imports.ListImportRejects({ import_id: done.id });
  assert.deepEqual(rejects.map((reject) => reject.line), ["5"], "the quoted line break counts");
  const { import: again } = await importLeads(header, csv);
  assert.deepEqual([again.id, again.rows_imported], [done.id, "2"], "the same upload is the same import");
  story.import = done.id;
});

test("2 each lead is assigned to one person, who is notified", async () => {
  const listed = await eventually(
    () => leads.ListLeads({ import_id: story.import, page_size: 10 }),
    (answer) => answer.leads.length === 2 && answer.leads.every((lead) => lead.state === "LEAD_STATE_ASSIGNED"),
    "assignment of both leads",
  );
  assert.equal(new Set(listed.leads.map((lead) => lead.owner_id)).size, 2, "in turn: one each");
  story.lead = listed.leads.find((lead) => lead.company.startsWith("上海"));
  assert.ok(story.lead.follow_up_due_time, "a follow-up deadline has started");
  const { decision } = await leads.GetAssignmentDecision({ lead_id: story.lead.id });
  assert.equal(decision.assignee_id, story.lead.owner_id);
  assert.equal(decision.candidates.length, 2);
  for (const lead of listed.leads)
    assert.deepEqual(await toldTo(lead.owner_id, "lead_assigned", lead.id), [["lead_assigned", lead.id]]);
});

test("3 the rep plans the follow-up, logs a visit, qualifies; the lead becomes a customer and an opportunity", async () => {
  await activities.ScheduleActivity({
    activity: {
      kind: "ACTIVITY_KIND_CALL", subject_type: "ACTIVITY_SUBJECT_LEAD", subject_id: story.lead.id,
      title: "首次电话", local_time: "2030-03-04T09:30:00", time_zone: "Asia/Shanghai", owner_id: story.lead.owner_id,
    },
    request_id: requestId(),
  });
  await eventually(
    () => leads.GetLead({ id: story.lead.id }),
    (answer) => answer.lead.state === "LEAD_STATE_WORKING",
    "the plan reaching the lead",
  );
  await customers.LogInteraction({
    interaction: { lead_id: story.lead.id, kind: "INTERACTION_KIND_VISIT", subject: "参观工厂", met_decision_maker: true },
    request_id: requestId(),
  });
  const id = requestId();
  const qualified = await leads.QualifyLead({
    id: story.lead.id, outcome: "QUALIFICATION_OUTCOME_OPPORTUNITY", grade: "A", request_id: id,
  });
  const again = await leads.QualifyLead({
    id: story.lead.id, outcome: "QUALIFICATION_OUTCOME_OPPORTUNITY", grade: "A", request_id: id,
  });
  assert.deepEqual(again, qualified, "a repeated request gets the same answer");
  await eventually(
    () => leads.GetLead({ id: story.lead.id }),
    (answer) => ["LEAD_STATE_ASSIGNED", "LEAD_STATE_WORKING"].includes(answer.lead.state),
    "assignment to sales",
  );
  const converted = await leads.ConvertLead({
    id: story.lead.id, opportunity_name: "远山 2030", request_id: requestId(),
  });
  story.customer = converted.customer_id;
  const { opportunity } = await eventually(
    () => opportunities.GetOpportunity({ id: converted.opportunity_id }).catch((error) => ({ error: error.message })),
    (answer) => answer.opportunity !== undefined,
    "the opportunity made from the event",
  );
  assert.equal(opportunity.customer_id, story.customer);
  assert.equal(opportunity.stage, "qualified");
  story.opportunity = opportunity.id;
});

test("4 the opportunity moves through its gates, a quote is submitted and accepted", async () => {
  await opportunities.MoveStage({ id: story.opportunity, stage: "proposal", request_id: requestId() });
  const missing = await opportunities
    .MoveStage({ id: story.opportunity, stage: "negotiation", request_id: requestId() })
    .then(() => null, (error) => error);
  assert.equal(missing?.code, 9, "FAILED_PRECONDITION: the amount is missing");
  assert.match(missing.message, /amount/);
  await opportunities.UpdateOpportunity({
    opportunity: { id: story.opportunity, amount: yuan(1000001) },
    update_mask: "amount",
    request_id: requestId(),
  });
  await opportunities.MoveStage({ id: story.opportunity, stage: "negotiation", request_id: requestId() });
  const made = await quotes.CreateQuote({
    quote: {
      opportunity_id: story.opportunity, name: "报价一", currency_code: "CNY", valid_until_date: "2035-12-31",
      lines: [{ product_id: story.product, quantity: 1 }],
      payment_terms: [
        { basis_points: 3334, due_days: 0, description: "签约" },
        { basis_points: 3333, due_days: 30, description: "交付" },
        { basis_points: 3333, due_days: 60, description: "验收" },
      ],
    },
    request_id: requestId(),
  });
  await quotes.SubmitQuote({ id: made.quote.id, request_id: requestId() });
  await quotes.AcceptQuote({ id: made.quote.id, reason: "best fit", request_id: requestId() });
  const { opportunity } = await opportunities.GetOpportunity({ id: story.opportunity });
  assert.equal(opportunity.status, "OPPORTUNITY_STATUS_WON");
  story.quote = made.quote.id;
});

test("5 the contract is drafted once, passes its credit check, is activated and paid to the cent", async () => {
  const { contracts: drafted } = await eventually(
    () => contracts.ListContracts({ quote_id: story.quote, page_size: 5 }),
    (answer) => answer.contracts.length > 0,
    "the contract drafted from the event",
  );
  assert.equal(drafted.length, 1);
  await credit.SetCreditLimit({
    customer_id: story.customer, limit: yuan(5000000), request_id: requestId(),
  });
  const { contract } = await contracts.ActivateContract({ contract_id: drafted[0].id, request_id: requestId() });
  assert.equal(contract.state, "CONTRACT_STATE_ACTIVE");
  const parts = contract.instalments.map((part) => Number(part.amount.minor_units));
  assert.deepEqual(parts.reduce((sum, part) => sum + part, 0), 1000001, "the parts add up to the whole");
  // The first is due today: its owner is reminded before it is paid. The office pays the rest as JSON.
  const told = await toldTo(contract.owner_id, "instalment_due", contract.id);
  assert.equal(told.filter(([kind]) => kind === "instalment_due").length, 1, "reminded once");
  await contracts.RecordPayment({ contract_id: contract.id, amount: yuan(parts[0]), request_id: requestId() });
  const paid = await http("POST", `/v1/contracts/${contract.id}/payments`, {
    amount: yuan(1000001 - parts[0]), request_id: requestId(),
  });
  assert.equal(paid.status, 200, JSON.stringify(paid.body));
  const after = await contracts.GetContract({ id: contract.id });
  assert.equal(after.contract.state, "CONTRACT_STATE_COMPLETED");
  story.contract = contract.id;
});

test("6 the manager's numbers come out of what happened", async () => {
  const { rows } = await eventually(
    () => analytics.GetFunnel({}),
    (funnel) => funnel.rows.some((row) => row.status === "WON" && row.amount?.minor_units === "1000001"),
    "the won opportunity in the funnel",
  );
  assert.deepEqual(rows.filter((row) => row.status === "WON").map((row) => row.opportunities), ["1"]);
  const { body } = await http("GET", "/v1/analytics/funnel");
  assert.deepEqual(body.rows.map((row) => row.amount), rows.map((row) => row.amount), "the same as JSON");
  const { customer } = await eventually(
    () => customers.GetCustomer({ id: story.customer }),
    (answer) => answer.customer.lifecycle === "CUSTOMER_LIFECYCLE_ORDERING",
    "the customer ordering",
  );
  assert.ok(customer.name.startsWith("上海远山"));
});

test("6 the resource plan says what it takes to win two more like it, and who is missing", async () => {
  const question = {
    target: yuan(3 * 1000001), period_start_date: dayFromNow(-1), period_end_date: dayFromNow(90),
    stages: [{ stage_key: "lead", effort_hours: 4 }], hours_per_person: 8, people: 1,
  };
  // One of two leads was judged worth pursuing; what was pursued was won.
  const plan = await eventually(
    () => analytics.PlanResources(question).catch((error) => ({ refused: error.message })),
    (answer) => answer.needed_wins === 2 && answer.stages[0].needed === 4,
    "a plan from this history",
  );
  assert.deepEqual([plan.average_deal, plan.committed], [yuan("1000001"), yuan("1000001")]);
  assert.deepEqual(plan.stages.map(({ name, needed, stock, gap }) => [name, needed, stock, gap]), [
    ["Lead", 4, "1", 3],
    ["Qualified lead", 2, "0", 2],
    ["qualified", 2, "0", 2],
    ["proposal", 2, "0", 2],
    ["negotiation", 2, "0", 2],
  ]);
  const [lead] = plan.stages;
  assert.ok(lead.needed_low < 4 && lead.needed_high > 4, "two leads are little to learn from");
  assert.deepEqual(plan.departments.map(({ department, gap, head_count }) => [department, gap, head_count]), [
    ["DEPARTMENT_ACQUIRE", 3, 2],
    ["DEPARTMENT_NURTURE", 2, 0],
    ["DEPARTMENT_PURSUE", 6, 0],
  ]);
  assert.equal(plan.staffing_gap, 1, "four leads of four hours take two people of eight hours, and there is one");
  assert.equal(plan.probability, 0, "nothing that is open today could bring it");
  const met = await analytics.PlanResources({ ...question, target: yuan(1000001) });
  assert.deepEqual([met.needed_wins, met.probability], [0, 1], "what was won counts");
});

test("errors name field and rule, the same over every way in", async () => {
  const refused = await http("POST", "/v1/leads", { lead: { email: "nonsense" } });
  assert.equal(refused.status, 400);
  const fields = refused.body.error.details.flatMap((detail) => detail.field_violations ?? []).map((violation) => violation.field);
  assert.ok(fields.includes("request_id"), JSON.stringify(refused.body));
  assert.ok(fields.some((field) => field.includes("email")), JSON.stringify(refused.body));
  const refusal = await leads.CaptureLead({ lead: { email: "nonsense" } }).then(assert.fail, (error) => error);
  assert.equal(refusal.code, 3, String(refusal));
  assert.ok(refusal.message.endsWith(refused.body.error.message), "the same words");
  const nowhere = await leads.GetLead({ id: requestId() }).then(assert.fail, (error) => error);
  assert.equal(nowhere.code, 5, String(nowhere));
});
