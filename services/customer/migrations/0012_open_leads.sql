-- Only open leads are looked through for duplicates: what is closed leaves these indexes.
DROP INDEX lead_email_key;
DROP INDEX lead_phone_key;
DROP INDEX lead_name_key;
CREATE INDEX lead_email_key ON lead (email_key)
  WHERE email_key <> '' AND state NOT IN ('CONVERTED', 'DISQUALIFIED');
CREATE INDEX lead_phone_key ON lead (phone_key)
  WHERE phone_key <> '' AND state NOT IN ('CONVERTED', 'DISQUALIFIED');
CREATE INDEX lead_name_key ON lead (company_key, contact_key)
  WHERE company_key <> '' AND state NOT IN ('CONVERTED', 'DISQUALIFIED');

-- A decision keeps the first hundred candidates, and how many more there were.
ALTER TABLE lead_assignment ADD COLUMN more_candidates integer NOT NULL DEFAULT 0;
