-- Jobs are asked for by id, or by queue and shard as they come due; each has the one index that can serve it, so that a plan
-- made while the table was empty is the right one when it is full.
ALTER TABLE job DROP CONSTRAINT job_pkey;
ALTER TABLE job ADD PRIMARY KEY (id, shard);
DROP INDEX job_due;
CREATE INDEX job_due ON job (queue, shard, due_time);
