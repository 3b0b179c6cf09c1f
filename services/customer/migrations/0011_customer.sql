-- Customers, how they moved through their lifecycle, their contacts, and what has passed between us and them.

CREATE TABLE customer (
  id           uuid        NOT NULL PRIMARY KEY,
  version      bigint      NOT NULL CHECK (version > 0),
  owner_id     uuid        NOT NULL,
  org_unit_id  uuid        NOT NULL,
  lead_id      uuid,                              -- that it came from
  kind         text        NOT NULL CHECK (kind IN ('ORGANISATION', 'PERSON')),
  name         text        NOT NULL,
  other_names  text[]      NOT NULL,
  identifiers  text[]      NOT NULL,              -- kind, value, kind, value, …
  industry     text        NOT NULL,
  region       text        NOT NULL,
  size         text        NOT NULL,
  source       text        NOT NULL,
  grade        text        NOT NULL CHECK (grade IN ('', 'A', 'B', 'C')),
  parent_id    uuid,
  tags         text[]      NOT NULL,
  time_zone    text        NOT NULL,
  external_id  text        NOT NULL,
  attributes   text[]      NOT NULL,              -- key, value, key, value, …
  lifecycle    text        NOT NULL CHECK (lifecycle IN ('UNIDENTIFIED', 'POTENTIAL', 'OPPORTUNITY', 'ORDERING',
                                                         'USER', 'DORMANT', 'CHURNED')),
  match_key    text        NOT NULL COLLATE "C",  -- the name, normalised, without legal suffix
  search_text  text        NOT NULL COLLATE "C",  -- every name and identifier, normalised
  search_grams text[]      NOT NULL COLLATE "C",  -- its part words
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL
);
CREATE INDEX customer_external_id ON customer (external_id) WHERE external_id <> '';
CREATE INDEX customer_owner ON customer (owner_id, id);
CREATE INDEX customer_org_unit ON customer (org_unit_id, id);
CREATE INDEX customer_parent ON customer (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX customer_search_grams ON customer USING gin (search_grams);

-- What no two customers may share: the identifiers in one form, and the external id as a kind of its own.
CREATE TABLE customer_identifier (
  customer_id uuid NOT NULL REFERENCES customer (id),
  kind        text NOT NULL,
  value       text NOT NULL,
  PRIMARY KEY (customer_id, kind)
);
CREATE UNIQUE INDEX customer_identifier_value ON customer_identifier (kind, value);

-- Conversion rates are computed from these rows; they are never changed.
CREATE TABLE customer_lifecycle_move (
  customer_id    uuid        NOT NULL REFERENCES customer (id),
  id             uuid        NOT NULL,
  from_lifecycle text,                  -- null: it came into being
  to_lifecycle   text        NOT NULL,
  cause          text        NOT NULL,
  reason         text        NOT NULL,
  cause_id       uuid,
  won_back       boolean     NOT NULL,
  actor_id       uuid        NOT NULL,
  move_time      timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);

CREATE TABLE contact (
  id          uuid        NOT NULL PRIMARY KEY,
  version     bigint      NOT NULL CHECK (version > 0),
  owner_id    uuid        NOT NULL,     -- the customer's
  org_unit_id uuid        NOT NULL,
  customer_id uuid        NOT NULL REFERENCES customer (id),
  name        text        NOT NULL,
  name_key    text        NOT NULL COLLATE "C",
  title       text        NOT NULL,
  phones      text[]      NOT NULL,
  emails      text[]      NOT NULL,
  roles       text[]      NOT NULL,
  influence   smallint    NOT NULL CHECK (influence BETWEEN 0 AND 5),
  attitude    text        NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX contact_customer ON contact (customer_id, name_key, id);

-- Touchpoints, append-only.
CREATE TABLE interaction (
  id                 uuid        NOT NULL PRIMARY KEY,
  version            bigint      NOT NULL CHECK (version > 0),
  owner_id           uuid        NOT NULL,
  org_unit_id        uuid        NOT NULL,
  kind               text        NOT NULL,
  subject_kind       text        NOT NULL CHECK (subject_kind IN ('CUSTOMER', 'LEAD')),
  subject_id         uuid        NOT NULL,
  opportunity_id     uuid,
  contact_ids        uuid[]      NOT NULL,
  employee_ids       uuid[]      NOT NULL,
  met_decision_maker boolean     NOT NULL,
  subject            text        NOT NULL,
  body               text        NOT NULL,
  outcome            text        NOT NULL,
  next_step          text        NOT NULL,
  cost_minor         bigint,
  currency           text,
  occurred_time      timestamptz NOT NULL,
  create_time        timestamptz NOT NULL
);
CREATE INDEX interaction_timeline ON interaction (subject_id, occurred_time DESC, id DESC);

-- The leads of a customer's timeline.
CREATE INDEX lead_customer ON lead (customer_id) WHERE customer_id IS NOT NULL;
