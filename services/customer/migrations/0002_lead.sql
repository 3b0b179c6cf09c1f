-- Leads, the rules that assign them, and every decision.

CREATE TABLE lead (
  id                    uuid        NOT NULL PRIMARY KEY,
  version               bigint      NOT NULL,
  owner_id              uuid,
  org_unit_id           uuid        NOT NULL,
  external_id           text        NOT NULL,
  company               text        NOT NULL,
  contact               text        NOT NULL,
  phone                 text        NOT NULL,
  email                 text        NOT NULL,
  source                text        NOT NULL,
  region                text        NOT NULL,
  industry              text        NOT NULL,
  size                  text        NOT NULL,
  campaign              text        NOT NULL,
  note                  text        NOT NULL,
  attributes            jsonb       NOT NULL,  -- columns without a field of their own
  state                 text        NOT NULL CHECK (state IN ('NEW', 'ASSIGNED', 'WORKING', 'NURTURING', 'POOLED',
                                                              'CONVERTED', 'DISQUALIFIED')),
  verdict               text        NOT NULL CHECK (verdict IN ('UNJUDGED', 'OPPORTUNITY', 'POTENTIAL',
                                                                'DISQUALIFIED')),
  grade                 text        NOT NULL,
  history               boolean     NOT NULL,
  waiting_since         timestamptz,
  waiting_reason        text        NOT NULL,
  assignment_id         uuid,
  follow_up             text        NOT NULL CHECK (follow_up IN ('NONE', 'PENDING', 'PLANNED', 'MISSED')),
  follow_up_start       timestamptz,
  follow_up_due         timestamptz,
  follow_up_grace_end   timestamptz,
  planned_time          timestamptz,
  passed_owner_id       uuid,
  passed_until          timestamptz,
  email_key             text        NOT NULL,
  phone_key             text        NOT NULL,
  company_key           text        NOT NULL,
  contact_key           text        NOT NULL,
  fingerprint           uuid,       -- of the four keys; empty beside a lead that holds the same
  possible_duplicate_of uuid,
  import_id             uuid,
  customer_id           uuid,
  opportunity_id        uuid,
  disqualify_reason     text        NOT NULL,
  occurred_time         timestamptz NOT NULL,
  create_time           timestamptz NOT NULL,
  update_time           timestamptz NOT NULL
);
CREATE UNIQUE INDEX lead_external_id ON lead (external_id) WHERE external_id <> '';
CREATE UNIQUE INDEX lead_fingerprint ON lead (fingerprint)
  WHERE fingerprint IS NOT NULL AND state NOT IN ('CONVERTED', 'DISQUALIFIED');
CREATE INDEX lead_email_key ON lead (email_key) WHERE email_key <> '';
CREATE INDEX lead_phone_key ON lead (phone_key) WHERE phone_key <> '';
CREATE INDEX lead_name_key ON lead ((company_key || '/' || contact_key)) WHERE company_key <> '';
CREATE INDEX lead_owner ON lead (owner_id, id);
CREATE INDEX lead_waiting ON lead (waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX lead_of_import ON lead (import_id, id) WHERE import_id IS NOT NULL;

CREATE TABLE assignment_rule (
  id                uuid        NOT NULL PRIMARY KEY,
  version           bigint      NOT NULL,
  owner_id          uuid,
  org_unit_id       uuid        NOT NULL,
  name              text        NOT NULL,
  position          integer     NOT NULL,
  enabled           boolean     NOT NULL,
  phase             text        NOT NULL CHECK (phase IN ('UNJUDGED', 'SALES', 'MARKETING')),
  strategy          text        NOT NULL CHECK (strategy IN ('PERSON', 'ROUND_ROBIN', 'LEAST_LOADED')),
  employee_id       uuid,
  team_org_unit_id  uuid,
  follow_up_seconds bigint      NOT NULL,  -- of business time; 0 = no deadline
  grace_seconds     bigint      NOT NULL,  -- of business time; 0 = it stays
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL
);

CREATE TABLE assignment_rule_criterion (
  rule_id  uuid    NOT NULL REFERENCES assignment_rule (id),
  ordinal  integer NOT NULL,
  field    text    NOT NULL,
  choices  text[]  NOT NULL,
  PRIMARY KEY (rule_id, ordinal)
);

-- One row per decision. The one in force is active: at most one per lead, whatever crashes.
CREATE TABLE lead_assignment (
  lead_id      uuid        NOT NULL,
  id           uuid        NOT NULL,
  active       boolean     NOT NULL,
  phase        text        NOT NULL,
  outcome      text        NOT NULL CHECK (outcome IN ('ASSIGNED', 'KEPT', 'WAITING')),
  strategy     text        NOT NULL,  -- PERSON, ROUND_ROBIN, LEAST_LOADED, MANUAL; empty: no rule matched
  owner_id     uuid,
  rule_id      uuid,
  rule_version bigint      NOT NULL,
  rule_name    text        NOT NULL,
  reason       text        NOT NULL,
  tie_break    text        NOT NULL,
  candidates   text[]      NOT NULL,  -- employee id, name, reason, open leads, capacity, last time; and so on
  decide_time  timestamptz NOT NULL,
  end_time     timestamptz,
  PRIMARY KEY (lead_id, id)
);
CREATE UNIQUE INDEX lead_assignment_active ON lead_assignment (lead_id) WHERE active;
