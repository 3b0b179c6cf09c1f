-- Contracts with their payment schedules and payments, and what customers may owe.

CREATE TABLE contract (
  id                  uuid        NOT NULL PRIMARY KEY,
  number              text        NOT NULL,
  quote_id            uuid        NOT NULL,
  opportunity_id      uuid,
  customer_id         uuid,
  customer_name       text        NOT NULL,
  title               text        NOT NULL,
  product_ids         uuid[]      NOT NULL,
  owner_id            uuid        NOT NULL,
  org_unit_id         uuid        NOT NULL,
  status              text        NOT NULL CHECK (status IN ('DRAFT', 'PENDING_CREDIT', 'PENDING_APPROVAL', 'ACTIVE',
                                                             'COMPLETED', 'TERMINATED')),
  total_minor         bigint      NOT NULL CHECK (total_minor >= 0),
  currency            text        NOT NULL,
  paid_minor          bigint      NOT NULL CHECK (paid_minor BETWEEN 0 AND total_minor),
  unallocated_minor   bigint      NOT NULL CHECK (unallocated_minor >= 0),
  time_zone           text        NOT NULL,
  next_due_date       date,        -- the earliest of what is not paid
  hold_reasons        text,        -- null: never held; otherwise joined by commas
  hold_excess_minor   bigint,
  hold_time           timestamptz,
  hold_release_time   timestamptz,
  hold_released_by    uuid,
  hold_release_reason text,
  activate_time       timestamptz,
  complete_time       timestamptz,
  version             bigint      NOT NULL CHECK (version > 0),
  create_time         timestamptz NOT NULL,
  update_time         timestamptz NOT NULL,
  CHECK (status <> 'COMPLETED' OR paid_minor = total_minor)
);
CREATE UNIQUE INDEX contract_number ON contract (number);
CREATE UNIQUE INDEX contract_quote ON contract (quote_id);
CREATE INDEX contract_created ON contract (create_time DESC, id DESC);
CREATE INDEX contract_owner ON contract (owner_id, create_time DESC, id DESC);
CREATE INDEX contract_customer ON contract (customer_id, create_time DESC, id DESC);
CREATE INDEX contract_open_due ON contract (next_due_date) WHERE status = 'ACTIVE';

-- The parts of a contract's total; they always add up to it.
CREATE TABLE instalment (
  contract_id           uuid        NOT NULL REFERENCES contract (id),
  number                integer     NOT NULL CHECK (number > 0),
  amount_minor          bigint      NOT NULL CHECK (amount_minor > 0),
  paid_minor            bigint      NOT NULL CHECK (paid_minor BETWEEN 0 AND amount_minor),
  share_millionths      bigint,      -- null: agreed as an amount
  agreed_due_date       date,        -- null: relative to the activation
  days_after_activation integer     NOT NULL,
  end_of_month          boolean     NOT NULL,
  description           text        NOT NULL,
  due_date              date,        -- fixed by the activation
  due_time              timestamptz, -- when InstalmentDue was announced
  overdue_time          timestamptz, -- when InstalmentOverdue was announced
  revision              bigint      NOT NULL,  -- the contract's version of the last change
  PRIMARY KEY (contract_id, number)
);

CREATE TABLE payment (
  contract_id     uuid        NOT NULL REFERENCES contract (id),
  id              uuid        NOT NULL,
  amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
  currency        text        NOT NULL,
  allocated_minor bigint      NOT NULL CHECK (allocated_minor BETWEEN 0 AND amount_minor),
  received_time   timestamptz NOT NULL,
  method          text        NOT NULL,
  reference       text        NOT NULL,
  recorded_by     uuid        NOT NULL,
  create_time     timestamptz NOT NULL,
  reversed_time   timestamptz,
  reverse_reason  text        NOT NULL,
  PRIMARY KEY (contract_id, id)
);

CREATE TABLE payment_allocation (
  contract_id       uuid    NOT NULL REFERENCES contract (id),
  payment_id        uuid    NOT NULL,
  instalment_number integer NOT NULL,
  amount_minor      bigint  NOT NULL CHECK (amount_minor > 0),
  PRIMARY KEY (contract_id, payment_id, instalment_number)
);

-- All that a customer owes in one currency, in one row: whoever would take it past its ceiling is stopped here
-- at the latest.
CREATE TABLE credit_account (
  id                uuid        NOT NULL PRIMARY KEY,
  customer_id       uuid        NOT NULL,
  customer_name     text        NOT NULL,
  currency          text        NOT NULL,
  owner_id          uuid        NOT NULL,
  org_unit_id       uuid        NOT NULL,
  limit_minor       bigint      NOT NULL CHECK (limit_minor >= 0),
  limit_expire_time timestamptz,
  receivable_minor  bigint      NOT NULL CHECK (receivable_minor >= 0),
  uninvoiced_minor  bigint      NOT NULL CHECK (uninvoiced_minor >= 0),
  reserved_minor    bigint      NOT NULL CHECK (reserved_minor >= 0),
  ceiling_minor     bigint      NOT NULL,
  version           bigint      NOT NULL CHECK (version > 0),
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  CHECK (receivable_minor + uninvoiced_minor + reserved_minor <= ceiling_minor)
);
CREATE UNIQUE INDEX credit_account_customer ON credit_account (customer_id, currency);

-- What is known of customers from their events: enough to address them.
CREATE TABLE customer (
  id          uuid        NOT NULL PRIMARY KEY,
  name        text        NOT NULL,
  owner_id    uuid        NOT NULL,
  org_unit_id uuid        NOT NULL,
  time_zone   text        NOT NULL,  -- IANA; empty: not stated
  update_time timestamptz NOT NULL
);
