-- Whether somebody may be given leads stands in the row that assigning locks: an assignment that has waited for a
-- leave must see it.
ALTER TABLE workload ADD COLUMN active boolean NOT NULL DEFAULT true;
UPDATE workload w SET active = false FROM employee e WHERE e.id = w.employee_id AND e.state <> 'ACTIVE';
