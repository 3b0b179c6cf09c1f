-- An event's row is written once and never touched again: what waits for the relay stands in a table of its own.
CREATE TABLE unsent_event (
  shard smallint NOT NULL,
  id    uuid     NOT NULL,
  PRIMARY KEY (shard, id)
);
INSERT INTO unsent_event (shard, id) SELECT shard, id FROM outbox WHERE sent_time IS NULL;
ALTER TABLE outbox DROP COLUMN sent_time;  -- and with it the index outbox_unsent

-- A job that is done or cancelled is gone: what is left is due, under way, or dead.
DELETE FROM job WHERE state IN ('DONE', 'CANCELLED');
ALTER TABLE job DROP CONSTRAINT job_state_check;
ALTER TABLE job ADD CONSTRAINT job_state_check CHECK (state IN ('PENDING', 'LEASED', 'DEAD'));
DROP INDEX job_subject;
-- Of all jobs: a condition on the state would make the index look short to the planner, and be taken to find a job by id.
UPDATE job SET due_time = 'infinity' WHERE state = 'DEAD';  -- behind all that is due
DROP INDEX job_due;
CREATE INDEX job_due ON job (shard, due_time);

-- Short tables with a high turnover: vacuumed by what has gone, not by their share of what was there.
ALTER TABLE unsent_event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);
