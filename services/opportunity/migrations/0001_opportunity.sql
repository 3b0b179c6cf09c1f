-- How the enterprise sells, what it may win, plans to do and offers, whom it tells, and what was imported.

CREATE TABLE sales_process (
  id           uuid        NOT NULL PRIMARY KEY,
  key          text        NOT NULL COLLATE "C",
  number       integer     NOT NULL CHECK (number > 0),
  name         text        NOT NULL,
  owner_id     uuid        NOT NULL,
  org_unit_id  uuid        NOT NULL,
  version      bigint      NOT NULL CHECK (version > 0),
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL
);
CREATE UNIQUE INDEX sales_process_number ON sales_process (key, number);
CREATE INDEX sales_process_create_time ON sales_process (create_time, id);

CREATE TABLE sales_stage (
  process_id          uuid     NOT NULL REFERENCES sales_process (id),
  ordinal             integer  NOT NULL,
  key                 text     NOT NULL,
  name                text     NOT NULL,
  probability_percent smallint NOT NULL CHECK (probability_percent BETWEEN 0 AND 100),
  forecast            text     NOT NULL,
  gates               text[]   NOT NULL,  -- KIND:value
  expected_days       integer  NOT NULL,
  maximum_days        integer  NOT NULL,
  guidance            text     NOT NULL,
  PRIMARY KEY (process_id, ordinal)
);

CREATE TABLE opportunity (
  id                 uuid        NOT NULL PRIMARY KEY,
  external_id        text,
  customer_id        uuid,
  customer_name      text        NOT NULL,
  name               text        NOT NULL,
  amount_minor       bigint      CHECK (amount_minor >= 0),
  currency           text,
  expected_close     date,
  grade              text        NOT NULL CHECK (grade IN ('', 'A', 'B', 'C')),
  budget             text        NOT NULL,
  need               text        NOT NULL,
  interest           text        NOT NULL,
  competitors        text        NOT NULL,
  contact_roles      text[]      NOT NULL,  -- contact id:ROLE
  product_ids        uuid[]      NOT NULL,
  product_names      text[]      NOT NULL,
  source             text        NOT NULL,
  campaign           text        NOT NULL,
  lead_id            uuid,
  import_id          uuid,
  process_id         uuid        NOT NULL REFERENCES sales_process (id),
  stage              text        NOT NULL,
  stage_entered_time timestamptz NOT NULL,
  status             text        NOT NULL CHECK (status IN ('OPEN', 'WON', 'LOST', 'ABANDONED')),
  close_reason       text        NOT NULL,
  close_note         text        NOT NULL,
  open_time          timestamptz NOT NULL,
  close_time         timestamptz,
  owner_id           uuid        NOT NULL,
  org_unit_id        uuid        NOT NULL,
  version            bigint      NOT NULL CHECK (version > 0),
  create_time        timestamptz NOT NULL,
  update_time        timestamptz NOT NULL,
  CHECK ((amount_minor IS NULL) = (currency IS NULL)),
  CHECK ((status = 'OPEN') = (close_time IS NULL))
);
CREATE UNIQUE INDEX opportunity_external_id ON opportunity (external_id);
CREATE INDEX opportunity_create_time ON opportunity (create_time, id);
CREATE INDEX opportunity_owner ON opportunity (owner_id, create_time, id);
CREATE INDEX opportunity_customer ON opportunity (customer_id, create_time, id);
CREATE INDEX opportunity_status ON opportunity (status, stage, create_time, id);

-- Where each opportunity has stood and for how long; rows are never changed.
CREATE TABLE opportunity_move (
  opportunity_id uuid        NOT NULL REFERENCES opportunity (id),
  sequence       bigint      NOT NULL,  -- the opportunity's version when it moved
  from_stage     text        NOT NULL,  -- empty: it came into being
  to_stage       text        NOT NULL,  -- a stage, or WON, LOST
  move_time      timestamptz NOT NULL,
  gates_skipped  boolean     NOT NULL,
  actor_id       uuid        NOT NULL,
  PRIMARY KEY (opportunity_id, sequence)
);

CREATE TABLE activity (
  id                 uuid        NOT NULL PRIMARY KEY,
  kind               text        NOT NULL,
  subject_type       text        NOT NULL CHECK (subject_type IN ('lead', 'customer', 'opportunity', 'contract')),
  subject_id         uuid        NOT NULL,
  customer_id        uuid,
  title              text        NOT NULL,
  note               text        NOT NULL,
  local_time         text        NOT NULL,
  time_zone          text        NOT NULL,
  start_time         timestamptz NOT NULL,
  duration_minutes   integer     NOT NULL CHECK (duration_minutes >= 0),
  status             text        NOT NULL CHECK (status IN ('SCHEDULED', 'COMPLETED', 'CANCELLED')),
  outcome            text        NOT NULL,
  met_decision_maker boolean     NOT NULL,
  spent_minutes      integer     NOT NULL,
  cost_minor         bigint      CHECK (cost_minor >= 0),
  cost_currency      text,
  complete_time      timestamptz,
  owner_id           uuid        NOT NULL,
  org_unit_id        uuid        NOT NULL,
  version            bigint      NOT NULL CHECK (version > 0),
  create_time        timestamptz NOT NULL,
  update_time        timestamptz NOT NULL
);
CREATE INDEX activity_start_time ON activity (start_time, id);
CREATE INDEX activity_subject ON activity (subject_id, start_time, id);
CREATE INDEX activity_owner ON activity (owner_id, start_time, id);

CREATE TABLE product (
  id               uuid        NOT NULL PRIMARY KEY,
  code             text        NOT NULL COLLATE "C",
  name             text        NOT NULL,
  match_key        text        NOT NULL COLLATE "C",  -- the name without case, width and spaces
  series           text        NOT NULL,
  description      text        NOT NULL,
  list_price_minor bigint      NOT NULL CHECK (list_price_minor >= 0),
  currency         text        NOT NULL,
  active           boolean     NOT NULL,
  owner_id         uuid        NOT NULL,
  org_unit_id      uuid        NOT NULL,
  version          bigint      NOT NULL CHECK (version > 0),
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL
);
CREATE UNIQUE INDEX product_code ON product (code);
CREATE INDEX product_match_key ON product (match_key);
CREATE INDEX product_create_time ON product (create_time, id);

CREATE TABLE quote (
  id               uuid        NOT NULL PRIMARY KEY,
  number           text        NOT NULL,
  opportunity_id   uuid        NOT NULL REFERENCES opportunity (id),
  opportunity_name text        NOT NULL,
  lead_id          uuid,
  customer_id      uuid,
  customer_name    text        NOT NULL,
  name             text        NOT NULL,
  currency         text        NOT NULL,
  discount_minor   bigint      NOT NULL CHECK (discount_minor >= 0),
  subtotal_minor   bigint      NOT NULL CHECK (subtotal_minor >= 0),
  net_minor        bigint      NOT NULL CHECK (net_minor = subtotal_minor - discount_minor AND net_minor >= 0),
  tax_minor        bigint      NOT NULL CHECK (tax_minor >= 0),
  total_minor      bigint      NOT NULL CHECK (total_minor = net_minor + tax_minor),
  valid_until    date        NOT NULL,
  status         text        NOT NULL CHECK (status IN ('DRAFT', 'SUBMITTED', 'ACCEPTED')),
  submit_time    timestamptz,
  accept_time    timestamptz,
  owner_id       uuid        NOT NULL,
  org_unit_id    uuid        NOT NULL,
  version        bigint      NOT NULL CHECK (version > 0),
  create_time    timestamptz NOT NULL,
  update_time    timestamptz NOT NULL
);
CREATE UNIQUE INDEX quote_number ON quote (number);
CREATE INDEX quote_create_time ON quote (create_time, id);
CREATE INDEX quote_opportunity ON quote (opportunity_id, create_time, id);

CREATE TABLE quote_line (
  quote_id         uuid    NOT NULL REFERENCES quote (id),
  ordinal          integer NOT NULL,
  product_id       uuid    NOT NULL REFERENCES product (id),
  product_name     text    NOT NULL,
  quantity         bigint  NOT NULL CHECK (quantity > 0),
  unit_price_minor bigint  NOT NULL CHECK (unit_price_minor >= 0),
  discount         integer NOT NULL CHECK (discount BETWEEN 0 AND 10000),  -- hundredths of a percent
  gross_minor      bigint  NOT NULL,
  net_minor        bigint  NOT NULL CHECK (net_minor BETWEEN 0 AND gross_minor),
  tax_rate         integer NOT NULL CHECK (tax_rate BETWEEN 0 AND 10000),  -- hundredths of a percent
  tax_minor        bigint  NOT NULL CHECK (tax_minor >= 0),
  PRIMARY KEY (quote_id, ordinal)
);

CREATE TABLE quote_instalment (
  quote_id              uuid    NOT NULL REFERENCES quote (id),
  ordinal               integer NOT NULL,
  label                 text    NOT NULL,
  share                 integer NOT NULL CHECK (share BETWEEN 0 AND 10000),  -- hundredths of a percent
  days_after_activation integer NOT NULL CHECK (days_after_activation >= 0),
  amount_minor          bigint  NOT NULL CHECK (amount_minor >= 0),
  PRIMARY KEY (quote_id, ordinal)
);

CREATE TABLE notification (
  id            uuid        NOT NULL PRIMARY KEY,
  kind          text        NOT NULL,
  title         text        NOT NULL,
  title_zh      text        NOT NULL,
  subject_type  text        NOT NULL,
  subject_id    uuid        NOT NULL,
  event_id      uuid        NOT NULL,
  occurred_time timestamptz NOT NULL,
  due_time      timestamptz,
  read_time     timestamptz,
  owner_id      uuid        NOT NULL,
  org_unit_id   uuid        NOT NULL,
  version       bigint      NOT NULL CHECK (version > 0),
  create_time   timestamptz NOT NULL
);
CREATE INDEX notification_owner ON notification (owner_id, create_time, id);
CREATE INDEX notification_unread ON notification (owner_id, create_time, id) WHERE read_time IS NULL;

-- An import goes on behind committed_line. Its counters move in the transaction of the rows they count.
CREATE TABLE opportunity_import (
  id              uuid        NOT NULL PRIMARY KEY,
  name            text        NOT NULL,
  state           text        NOT NULL CHECK (state IN ('RUNNING', 'INTERRUPTED', 'SUCCEEDED', 'FAILED')),
  failure         text        NOT NULL,
  content_hash    bytea       NOT NULL,  -- of the header and all rows up to committed_line
  committed_line  bigint      NOT NULL,
  rows_read       bigint      NOT NULL,
  rows_imported   bigint      NOT NULL,
  rows_duplicate  bigint      NOT NULL,
  rows_rejected   bigint      NOT NULL,
  values_repaired bigint      NOT NULL,
  values_reported bigint      NOT NULL,
  owner_id        uuid        NOT NULL,
  org_unit_id     uuid        NOT NULL,
  version         bigint      NOT NULL CHECK (version > 0),
  create_time     timestamptz NOT NULL,
  update_time     timestamptz NOT NULL,
  CHECK (rows_read = rows_imported + rows_duplicate + rows_rejected)
);
CREATE INDEX opportunity_import_create_time ON opportunity_import (create_time, id);

-- What an import had to say about a line: REJECTED (not imported), REPAIRED (by the rule named) or REPORTED
-- (imported, but something is missing).
CREATE TABLE opportunity_import_finding (
  import_id   uuid    NOT NULL REFERENCES opportunity_import (id),
  line        bigint  NOT NULL,
  ordinal     integer NOT NULL,
  kind        text    NOT NULL CHECK (kind IN ('REJECTED', 'REPAIRED', 'REPORTED')),
  field       text    NOT NULL,
  reason      text    NOT NULL,  -- the rule
  description text    NOT NULL,
  value       text    NOT NULL,  -- as it was read
  PRIMARY KEY (import_id, line, ordinal)
);
CREATE INDEX opportunity_import_finding_kind ON opportunity_import_finding (import_id, kind, line, ordinal);
