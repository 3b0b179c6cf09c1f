-- Since when a contract is owed: what was paid before counts from there.
ALTER TABLE receivable ADD COLUMN owed_day date NOT NULL DEFAULT '1970-01-01';  -- not owed yet
UPDATE receivable SET owed_day = last_day WHERE owed;
