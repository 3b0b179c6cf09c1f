-- The enterprise: organisation units, employees, and how much each employee carries.

CREATE TABLE org_unit (
  id          uuid        NOT NULL PRIMARY KEY,
  version     bigint      NOT NULL,
  owner_id    uuid,
  org_unit_id uuid        NOT NULL,  -- itself
  parent_id   uuid,
  kind        text        NOT NULL CHECK (kind IN ('HEADQUARTERS', 'BRANCH', 'DEPARTMENT', 'TEAM', 'PARTNER')),
  name        text        NOT NULL,
  path        text        COLLATE "C" NOT NULL,  -- of ids, 'a/b/': everything below is one index range
  external_id text        NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE UNIQUE INDEX org_unit_path ON org_unit (path);
CREATE UNIQUE INDEX org_unit_external_id ON org_unit (external_id) WHERE external_id <> '';

CREATE TABLE employee (
  id          uuid        NOT NULL PRIMARY KEY,
  version     bigint      NOT NULL,
  owner_id    uuid,
  org_unit_id uuid        NOT NULL,
  manager_id  uuid,
  name        text        NOT NULL,
  login       text        NOT NULL,
  email       text        NOT NULL,
  external_id text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('ACTIVE', 'ON_LEAVE', 'TERMINATED')),
  roles       text[]      NOT NULL,
  time_zone   text        NOT NULL,
  capacity    integer     NOT NULL CHECK (capacity >= 0),
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE UNIQUE INDEX employee_external_id ON employee (external_id) WHERE external_id <> '';
CREATE UNIQUE INDEX employee_login ON employee (login);
CREATE INDEX employee_name ON employee (name, id);
CREATE INDEX employee_org_unit ON employee (org_unit_id, id);

-- One row per employee: the counter of open leads and what it is measured against. A capacity may fall below
-- what somebody already carries; nothing new is then given, and the ceiling remembers how high it stood.
CREATE TABLE workload (
  employee_id        uuid        NOT NULL PRIMARY KEY,
  capacity           integer     NOT NULL,
  ceiling            integer     NOT NULL,
  open_leads         integer     NOT NULL,
  turn               bigint      NOT NULL,  -- of the last assignment; grows with each
  last_assigned_time timestamptz,
  CHECK (open_leads BETWEEN 0 AND ceiling)
);
