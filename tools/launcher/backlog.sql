-- What one service, whose schema psql is given, has before it: jobs that are due and not done; how many seconds the
-- oldest event has waited that it hears and has not applied; events and jobs that it gave up.
SET search_path = :schema;
WITH said AS (
  SELECT 'customer' AS source, shard, recorded_time, id, aggregate_id, aggregate_seq FROM guanxi_customer.outbox
  UNION ALL
  SELECT 'opportunity', shard, recorded_time, id, aggregate_id, aggregate_seq FROM guanxi_opportunity.outbox
  UNION ALL
  SELECT 'contract_credit', shard, recorded_time, id, aggregate_id, aggregate_seq FROM guanxi_contract_credit.outbox
),
-- A reader holds a lease on each partition that it hears, whether or not anything ever came through it.
heard AS (
  SELECT split_part(name, '/', 2) AS source, split_part(name, '/', 3)::smallint AS shard
    FROM lease WHERE name LIKE 'consumer/%'
),
waiting AS (
  SELECT (SELECT s.recorded_time
            FROM said s
           WHERE s.source = h.source AND s.shard = h.shard
             AND (s.recorded_time, s.id) > (coalesce(p.recorded_time, '-infinity'),
                                            coalesce(p.event_id, '00000000-0000-0000-0000-000000000000'))
             AND NOT EXISTS (SELECT FROM inbox i WHERE i.source = s.source AND i.aggregate_id = s.aggregate_id
                                AND i.aggregate_seq = s.aggregate_seq)
             AND NOT EXISTS (SELECT FROM dead_letter d WHERE d.source = s.source AND d.aggregate_id = s.aggregate_id
                                AND d.aggregate_seq = s.aggregate_seq)
           ORDER BY s.recorded_time, s.id LIMIT 1) AS since
    FROM heard h LEFT JOIN consumer_position p ON p.source = h.source AND p.shard = h.shard
)
SELECT (SELECT count(*) FROM job WHERE state = 'LEASED' OR (state = 'PENDING' AND due_time <= now())),
       (SELECT greatest(coalesce(extract(epoch FROM now() - min(since)), 0), 0)::bigint FROM waiting),
       (SELECT count(*) FROM dead_letter) + (SELECT count(*) FROM job WHERE state = 'DEAD');
