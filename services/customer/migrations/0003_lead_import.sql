-- Imports of leads: progress, and every rejected row with its line and reason.

CREATE TABLE lead_import (
  id             uuid        NOT NULL PRIMARY KEY,
  version        bigint      NOT NULL,
  owner_id       uuid,
  org_unit_id    uuid        NOT NULL,
  state          text        NOT NULL CHECK (state IN ('RUNNING', 'COMPLETED', 'FAILED')),
  file_name      text        NOT NULL,
  mapping        jsonb       NOT NULL,  -- column of the file → field of the lead
  read_rows      bigint      NOT NULL,
  created_rows   bigint      NOT NULL,
  updated_rows   bigint      NOT NULL,
  duplicate_rows bigint      NOT NULL,
  rejected_rows  bigint      NOT NULL,
  committed_line bigint      NOT NULL,  -- the last line of the last row that is done
  content_hash   bytea       NOT NULL,  -- of the header and all rows up to that line
  error          text        NOT NULL,
  create_time    timestamptz NOT NULL,
  update_time    timestamptz NOT NULL,
  CHECK (read_rows = created_rows + updated_rows + duplicate_rows + rejected_rows)
);
CREATE INDEX lead_import_owner ON lead_import (owner_id, id);

CREATE TABLE lead_import_reject (
  import_id   uuid        NOT NULL,
  line        bigint      NOT NULL,
  reason      text        NOT NULL,
  field       text        NOT NULL,
  description text        NOT NULL,
  existing_id uuid,                 -- of a duplicate: the lead that is already there
  row         text        NOT NULL,  -- as it was read
  PRIMARY KEY (import_id, line)
);
