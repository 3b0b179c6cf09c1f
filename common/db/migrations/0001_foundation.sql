-- The tables that every service's schema has: what happened (outbox), what was asked (idempotency), what was
-- heard (inbox), what is due (job), and who may work on which shard (lease).

-- The event log. Sent rows stay: ReadEvents and rebuilds read them.
CREATE TABLE outbox (
  shard          smallint    NOT NULL,
  id             uuid        NOT NULL,
  aggregate_type text        NOT NULL,
  aggregate_id   uuid        NOT NULL,
  aggregate_seq  bigint      NOT NULL CHECK (aggregate_seq > 0),
  type           text        NOT NULL,
  recorded_time  timestamptz NOT NULL,
  event          bytea       NOT NULL,  -- crm.event.v1.Event
  sent_time      timestamptz,
  PRIMARY KEY (shard, id)
);
CREATE UNIQUE INDEX outbox_aggregate ON outbox (shard, aggregate_id, aggregate_seq);
CREATE INDEX outbox_unsent ON outbox (shard, id) WHERE sent_time IS NULL;
CREATE INDEX outbox_recorded ON outbox (shard, recorded_time, id);

-- Replies of writes that succeeded, kept seven days.
CREATE TABLE idempotency (
  key         bytea       NOT NULL PRIMARY KEY,  -- SHA-256 of principal, method, request_id
  body_hash   bytea       NOT NULL,
  reply       bytea       NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX idempotency_create_time ON idempotency (create_time);

-- Events of other services that this one has applied, no-ops included.
CREATE TABLE inbox (
  source        text        NOT NULL,
  aggregate_id  uuid        NOT NULL,
  aggregate_seq bigint      NOT NULL,
  event_id      uuid        NOT NULL,
  applied_time  timestamptz NOT NULL,
  PRIMARY KEY (source, aggregate_id, aggregate_seq)
);

-- How far each partition of another service's events has been applied; everything up to there less a few minutes.
CREATE TABLE consumer_position (
  source        text        NOT NULL,
  shard         smallint    NOT NULL,
  recorded_time timestamptz NOT NULL,
  event_id      uuid        NOT NULL,
  PRIMARY KEY (source, shard)
);

-- A poison event parks its aggregate's later ones until it is replayed.
CREATE TABLE dead_letter (
  source        text        NOT NULL,
  shard         smallint    NOT NULL,
  aggregate_id  uuid        NOT NULL,
  aggregate_seq bigint      NOT NULL,
  event_id      uuid        NOT NULL,
  type          text        NOT NULL,
  event         bytea       NOT NULL,
  reason        text        NOT NULL,  -- empty: parked behind an earlier one
  replay        boolean     NOT NULL,  -- asked for; the consumer of its partition takes it up
  create_time   timestamptz NOT NULL,
  PRIMARY KEY (source, aggregate_id, aggregate_seq)
);
CREATE INDEX dead_letter_partition ON dead_letter (source, shard, aggregate_id);
CREATE INDEX dead_letter_replay ON dead_letter (source, shard, aggregate_id, aggregate_seq) WHERE replay;

CREATE TABLE job (
  shard       smallint    NOT NULL,
  id          uuid        NOT NULL,
  kind        text        NOT NULL,
  queue       text        NOT NULL,
  dedupe_key  text        NOT NULL,
  subject_id  uuid        NOT NULL,
  payload     bytea       NOT NULL,
  state       text        NOT NULL CHECK (state IN ('PENDING', 'LEASED', 'DONE', 'CANCELLED', 'DEAD')),
  due_time    timestamptz NOT NULL,   -- of a leased job: when its lease ends
  attempt     integer     NOT NULL,
  lease_epoch bigint      NOT NULL,
  last_error  text        NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (shard, id)
);
CREATE UNIQUE INDEX job_dedupe_key ON job (dedupe_key);
CREATE INDEX job_due ON job (shard, due_time) WHERE state IN ('PENDING', 'LEASED');
CREATE INDEX job_subject ON job (subject_id);
CREATE INDEX job_dead ON job (update_time, id) WHERE state = 'DEAD';

-- One owner per name ("relay/3", "consumer/customer/0") at a time; every change of owner advances the epoch.
CREATE TABLE lease (
  name        text        NOT NULL PRIMARY KEY,
  owner       uuid        NOT NULL,
  epoch       bigint      NOT NULL,
  expire_time timestamptz NOT NULL
);
