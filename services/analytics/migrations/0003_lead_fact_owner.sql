-- Who has a lead, and the unit it belongs to. Rows that are here learn it from the lead's next event, or all at once from
-- a rebuild.
ALTER TABLE lead_fact
  ADD COLUMN owner_id    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN org_unit_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
