-- Imports of leads: progress, and every rejected row with its line and reason.

CREATE TABLE lead_import (
  id                uuid        NOT NULL PRIMARY KEY,
  version           bigint      NOT NULL,
  owner_id          uuid        NOT NULL,
  org_unit_id       uuid        NOT NULL,
  name              text        NOT NULL,
  state             text        NOT NULL CHECK (state IN ('RUNNING', 'INTERRUPTED', 'SUCCEEDED', 'FAILED')),
  rows_read         bigint      NOT NULL,
  rows_imported     bigint      NOT NULL,
  rows_duplicate    bigint      NOT NULL,
  rows_rejected     bigint      NOT NULL,
  committed_line    bigint      NOT NULL,  -- the first line of the last row that is done
  content_hash      bytea       NOT NULL,  -- of the header and all rows up to there
  mapping           text[]      NOT NULL,  -- column, field, column, field …
  attribute_columns text[]      NOT NULL,
  failure           text        NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  CHECK (rows_read = rows_imported + rows_duplicate + rows_rejected)
);
CREATE INDEX lead_import_create_time ON lead_import (create_time, id);

CREATE TABLE lead_import_reject (
  import_id  uuid   NOT NULL,
  line       bigint NOT NULL,
  violations text[] NOT NULL,  -- field, reason, description, and so on
  content    text   NOT NULL,  -- as it was read
  PRIMARY KEY (import_id, line)
);
