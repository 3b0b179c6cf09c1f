-- Customers, how they moved through their lifecycle, their contacts, and what has passed between us and them.

CREATE TABLE customer (
  id           uuid        NOT NULL PRIMARY KEY,
  kind         text        NOT NULL CHECK (kind IN ('ORGANISATION', 'PERSON')),
  name         text        NOT NULL,
  other_names  text[]      NOT NULL,
  tax_id       text        NOT NULL,
  phone        text        NOT NULL,
  email        text        NOT NULL,
  website      text        NOT NULL,
  industry     text        NOT NULL,
  region       text        NOT NULL,
  size         text        NOT NULL,
  source       text        NOT NULL,
  grade        text        NOT NULL CHECK (grade IN ('', 'A', 'B', 'C')),
  parent_id    uuid,
  tags         text[]      NOT NULL,
  time_zone    text        NOT NULL,
  external_id  text,
  note         text        NOT NULL,
  lifecycle    text        NOT NULL CHECK (lifecycle IN ('UNIDENTIFIED', 'POTENTIAL', 'OPPORTUNITY', 'ORDERING',
                                                         'USER', 'DORMANT', 'CHURNED')),
  match_key    text        NOT NULL COLLATE "C",  -- the name, normalised, without legal suffix
  search_text  text        NOT NULL COLLATE "C",  -- every name and number, normalised
  search_grams text[]      NOT NULL COLLATE "C",  -- its part words
  owner_id     uuid        NOT NULL,
  org_unit_id  uuid        NOT NULL,
  version      bigint      NOT NULL CHECK (version > 0),
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL
);
CREATE UNIQUE INDEX customer_external_id ON customer (external_id);
CREATE INDEX customer_match_key ON customer (match_key);
CREATE INDEX customer_owner ON customer (owner_id, id);
CREATE INDEX customer_lifecycle ON customer (lifecycle, id);
CREATE INDEX customer_parent ON customer (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX customer_search_grams ON customer USING gin (search_grams);

-- Conversion rates are computed from these rows; they are never changed.
CREATE TABLE customer_lifecycle_move (
  customer_id     uuid        NOT NULL REFERENCES customer (id),
  sequence        bigint      NOT NULL,  -- the customer's version when it moved
  from_lifecycle  text,                  -- null: it came into being
  to_lifecycle    text        NOT NULL,
  cause           text        NOT NULL,
  reason          text        NOT NULL,
  won_back        boolean     NOT NULL,
  actor_id        uuid        NOT NULL,
  move_time       timestamptz NOT NULL,
  PRIMARY KEY (customer_id, sequence)
);

CREATE TABLE contact (
  customer_id uuid        NOT NULL REFERENCES customer (id),
  id          uuid        NOT NULL,
  name        text        NOT NULL,
  title       text        NOT NULL,
  department  text        NOT NULL,
  phone       text        NOT NULL,
  mobile      text        NOT NULL,
  email       text        NOT NULL,
  wechat      text        NOT NULL,
  roles       text[]      NOT NULL,
  influence   smallint    NOT NULL CHECK (influence BETWEEN 0 AND 5),
  attitude    text        NOT NULL,
  note        text        NOT NULL,
  version     bigint      NOT NULL CHECK (version > 0),
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);

-- Touchpoints, append-only.
CREATE TABLE interaction (
  id                 uuid        NOT NULL PRIMARY KEY,
  kind               text        NOT NULL,
  subject_kind       text        NOT NULL CHECK (subject_kind IN ('CUSTOMER', 'LEAD')),
  subject_id         uuid        NOT NULL,
  opportunity_id     uuid,
  contact_ids        uuid[]      NOT NULL,
  employee_ids       uuid[]      NOT NULL,
  met_decision_maker boolean     NOT NULL,
  subject            text        NOT NULL,
  outcome            text        NOT NULL,
  next_step          text        NOT NULL,
  cost_minor         bigint,
  currency           text,
  owner_id           uuid        NOT NULL,
  org_unit_id        uuid        NOT NULL,
  version            bigint      NOT NULL CHECK (version > 0),
  occurred_time      timestamptz NOT NULL,
  create_time        timestamptz NOT NULL
);
CREATE INDEX interaction_timeline ON interaction (subject_id, occurred_time DESC, id DESC);
