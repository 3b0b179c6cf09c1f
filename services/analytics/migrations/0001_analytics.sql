-- What analytics keeps of each opportunity, lead and contract, and the rollups that answers are sums of. All of it
-- comes from events and can be dropped and counted again.

-- Stages of process versions; a version never changes.
CREATE TABLE stage (
  process_id          uuid    NOT NULL,
  stage_order         integer NOT NULL CHECK (stage_order > 0),
  key                 text    NOT NULL,
  name                text    NOT NULL,
  probability_percent integer NOT NULL,
  maximum_days        integer NOT NULL,
  PRIMARY KEY (process_id, stage_order)
);

CREATE TABLE opportunity_fact (
  id            uuid        NOT NULL PRIMARY KEY,
  owner_id      uuid        NOT NULL,
  org_unit_id   uuid        NOT NULL,
  process_id    uuid        NOT NULL,
  stage_order   integer     NOT NULL,
  reached_order integer     NOT NULL,
  status        text        NOT NULL,
  source        text        NOT NULL,
  currency      text        NOT NULL,
  amount_minor  bigint      NOT NULL,
  products      text        NOT NULL,  -- names, separated by U+001F
  lead_id       uuid,
  close_reason  text        NOT NULL,
  opened_time   timestamptz NOT NULL,
  entered_time  timestamptz NOT NULL,
  last_time     timestamptz NOT NULL,
  version       bigint      NOT NULL,
  create_time   timestamptz NOT NULL,
  update_time   timestamptz NOT NULL
);

CREATE TABLE lead_fact (
  id           uuid        NOT NULL PRIMARY KEY,
  captured     boolean     NOT NULL,  -- false: known only by an opportunity that was won
  source       text        NOT NULL,
  state        text        NOT NULL,
  captured_day date        NOT NULL,
  qualified    boolean     NOT NULL,
  wins         bigint      NOT NULL,
  version      bigint      NOT NULL,
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL
);

CREATE TABLE receivable (
  id          uuid        NOT NULL PRIMARY KEY,  -- the contract's
  owner_id    uuid        NOT NULL,
  org_unit_id uuid        NOT NULL,
  owed        boolean     NOT NULL,
  last_day    date        NOT NULL,
  version     bigint      NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);

CREATE TABLE receivable_instalment (
  receivable_id uuid   NOT NULL REFERENCES receivable (id),
  id            uuid   NOT NULL,
  currency      text   NOT NULL,  -- empty: the contract is not known yet
  amount_minor  bigint NOT NULL,
  paid_minor    bigint NOT NULL,
  due_day       date   NOT NULL,
  early         text   NOT NULL,  -- payments that came before the contract: "2026-01-31:500,…"
  PRIMARY KEY (receivable_id, id)
);

-- Rollups. Counts and amounts are sums of what was put in and taken out.
CREATE TABLE funnel_now (
  shard         smallint NOT NULL,
  dimension     text     NOT NULL,
  member        text     NOT NULL,
  process_id    uuid     NOT NULL,
  stage_order   integer  NOT NULL,
  status        text     NOT NULL,
  currency      text     NOT NULL,
  opportunities bigint   NOT NULL,
  amount_minor  bigint   NOT NULL,
  PRIMARY KEY (dimension, member, process_id, stage_order, status, currency, shard)
);
CREATE TABLE funnel_day (
  shard         smallint NOT NULL,
  dimension     text     NOT NULL,
  member        text     NOT NULL,
  process_id    uuid     NOT NULL,
  stage_order   integer  NOT NULL,
  status        text     NOT NULL,
  currency      text     NOT NULL,
  day           date     NOT NULL,
  opportunities bigint   NOT NULL,
  amount_minor  bigint   NOT NULL,
  PRIMARY KEY (dimension, day, member, process_id, stage_order, status, currency, shard)
);

CREATE TABLE conversion_rollup (
  shard         smallint NOT NULL,
  process_id    uuid     NOT NULL,
  cohort_day    date     NOT NULL,
  status        text     NOT NULL,
  reached_order integer  NOT NULL,
  stage_order   integer  NOT NULL,
  entered_day   date     NOT NULL,
  opportunities bigint   NOT NULL,
  PRIMARY KEY (process_id, cohort_day, status, reached_order, stage_order, entered_day, shard)
);

CREATE TABLE duration_rollup (
  shard       smallint NOT NULL,
  process_id  uuid     NOT NULL,
  stage_order integer  NOT NULL,
  cohort_day  date     NOT NULL,
  hours       bigint   NOT NULL,
  visits      bigint   NOT NULL,
  hours_sum   bigint   NOT NULL,
  PRIMARY KEY (process_id, cohort_day, stage_order, hours, shard)
);

CREATE TABLE loss_rollup (
  shard         smallint NOT NULL,
  process_id    uuid     NOT NULL,
  cohort_day    date     NOT NULL,
  stage_order   integer  NOT NULL,
  status        text     NOT NULL,
  reason        text     NOT NULL,
  opportunities bigint   NOT NULL,
  PRIMARY KEY (process_id, cohort_day, stage_order, status, reason, shard)
);

CREATE TABLE pipeline_rollup (
  shard         smallint NOT NULL,
  process_id    uuid     NOT NULL,
  stage_order   integer  NOT NULL,
  currency      text     NOT NULL,
  band          integer  NOT NULL,
  opportunities bigint   NOT NULL,
  amount_minor  bigint   NOT NULL,
  PRIMARY KEY (process_id, currency, stage_order, band, shard)
);

CREATE TABLE lead_rollup (
  shard        smallint NOT NULL,
  source       text     NOT NULL,
  captured_day date     NOT NULL,
  state        text     NOT NULL,
  qualified    boolean  NOT NULL,
  converted    boolean  NOT NULL,
  won          boolean  NOT NULL,
  leads        bigint   NOT NULL,
  PRIMARY KEY (captured_day, source, state, qualified, converted, won, shard)
);

CREATE TABLE receivable_day (
  shard        smallint NOT NULL,
  dimension    text     NOT NULL,
  member       text     NOT NULL,
  currency     text     NOT NULL,
  due_day      date     NOT NULL,
  day          date     NOT NULL,
  instalments  bigint   NOT NULL,
  amount_minor bigint   NOT NULL,
  PRIMARY KEY (dimension, member, currency, day, due_day, shard)
);
