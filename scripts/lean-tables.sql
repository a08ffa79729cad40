-- What scripts/lean-tables runs inside the server. `OWNED` and `CONVERSATIONS` are numbers, and the
-- lines `--append`, `--list_older` and `--messages` the statements that are measured.

CREATE EXTENSION pgstattuple;
CREATE EXTENSION pg_walinspect;

INSERT INTO conversations (user_id, created_at, updated_at, session_id, title, metadata)
SELECT (n - 1) / OWNED + 1, now(), now() + n * interval '1 us', gen_random_uuid(),
       'A conversation about number ' || n, '{"model":"small","language":"en"}'
FROM generate_series(1, CONVERSATIONS) AS n;

-- Two each, so that nothing is planned for an empty table.
INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
SELECT user_id, id, now(), position, 1, 'user', repeat(md5(id::text), 13)
FROM conversations, generate_series(1, 2) AS position;
UPDATE conversations SET message_count = 2;

CREATE TABLE noted (at text, lsn pg_lsn, cpu_ns bigint, appends bigint, sizes json);
CREATE TABLE cost (what text, ms float8, buffers bigint);
CREATE TABLE spent (cpu_ns bigint, appends bigint);

-- Nanoseconds that this session was on a processor.
CREATE FUNCTION cpu() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;

CREATE PROCEDURE note(at text) LANGUAGE sql AS $$
  INSERT INTO noted SELECT at, pg_current_wal_lsn(), cpu(), 0, json_object_agg(relname, pg_relation_size(oid))
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
    AND relname NOT IN ('noted', 'cost', 'spent') $$;

CREATE PROCEDURE append_one(p1 bigint, p2 bigint) LANGUAGE plpgsql AS $$
DECLARE
  p3 text := CASE WHEN random() < 0.5 THEN gen_random_uuid() END;
  p4 integer;
  p5 text[] := '{user}';
  p6 text[] := ARRAY[repeat(md5(random()::text), 13) || 'and a few more..'];
  p7 text[] := '{""}';
  got record;
BEGIN
--append
  INTO STRICT got;
END $$;

-- Each in a transaction of its own.
CREATE PROCEDURE append_many(n integer) LANGUAGE plpgsql AS $$
DECLARE start bigint := cpu(); chat bigint;
BEGIN
  FOR i IN 1..n LOOP
    chat := 1 + floor(random() * CONVERSATIONS);
    CALL append_one((chat - 1) / OWNED + 1, chat);
    COMMIT;
  END LOOP;
  INSERT INTO spent VALUES (cpu() - start, n);
END $$;

CREATE PROCEDURE look(what text, plan json) LANGUAGE sql AS $$
  INSERT INTO cost VALUES (what, (plan -> 0 ->> 'Execution Time')::float8,
    (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint) $$;

-- A listing and four histories, of owners who were just active, after every 20 appends.
CREATE PROCEDURE mix(n integer) LANGUAGE plpgsql AS $$
DECLARE
  chat bigint; p1 bigint; p2 bigint;
  plan json;
BEGIN
  FOR i IN 1..n LOOP
    FOR j IN 1..20 LOOP
      chat := 1 + floor(random() * CONVERSATIONS);
      CALL append_one((chat - 1) / OWNED + 1, chat);
      COMMIT;
    END LOOP;
    p1 := (chat - 1) / OWNED + 1;
    CALL list_first(p1, plan);
    CALL look('list', plan);
    p2 := chat;
    CALL read_last(p1, p2, plan);
    CALL look('history', plan);
    COMMIT;
  END LOOP;
END $$;

CREATE PROCEDURE list_first(p1 bigint, INOUT plan json) LANGUAGE plpgsql AS $$
DECLARE p2 boolean := false; p3 timestamptz; p4 bigint; p5 bigint := 21;
BEGIN
  EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
--list_older
  INTO plan;
END $$;

CREATE PROCEDURE read_last(p1 bigint, p2 bigint, INOUT plan json) LANGUAGE plpgsql AS $$
DECLARE p3 bigint; p4 bigint; p5 bigint := 50;
BEGIN
  EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
--messages
  INTO plan;
END $$;

CREATE FUNCTION median(what text, of text) RETURNS numeric LANGUAGE sql AS $$
  SELECT round(percentile_disc(0.5) WITHIN GROUP (ORDER BY CASE of WHEN 'ms' THEN ms ELSE buffers END)::numeric, 4)
  FROM cost WHERE cost.what = median.what $$;

-- One line of figures. `wal` has the log of the appends since the last checkpoint by kind of record: how many,
-- their bytes, and the bytes of full pages; `dead` the bytes of rows, of dead rows and of free space.
CREATE FUNCTION figures(design text, owned integer) RETURNS json LANGUAGE sql AS $$
  WITH ends AS (
    SELECT (SELECT lsn FROM noted WHERE at = 'before') AS lsn0, (SELECT lsn FROM noted WHERE at = 'after') AS lsn1,
           (SELECT sum(appends) FROM spent) AS n,
           coalesce((SELECT lsn FROM noted WHERE at = 'late'), (SELECT lsn FROM noted WHERE at = 'before')) AS lsn2)
  SELECT json_build_object(
    'design', design, 'owned', owned, 'appends', n,
    'wal_per_append', round((lsn1 - lsn0) / n),
    'cpu_us_per_append', (SELECT round(percentile_disc(0.5) WITHIN GROUP (ORDER BY cpu_ns / appends) / 1000.0, 1) FROM spent),
    'hot', (SELECT json_object_agg(relname, round(100.0 * n_tup_hot_upd / n_tup_upd, 2)) FROM pg_stat_user_tables WHERE n_tup_upd > 0),
    'autovacuums', (SELECT json_object_agg(relname, autovacuum_count + vacuum_count) FROM pg_stat_user_tables WHERE relname NOT IN ('noted', 'cost', 'spent')),
    'list_us', 1000 * median('list', 'ms'), 'list_buffers', median('list', 'buffers'),
    'history_us', 1000 * median('history', 'ms'), 'history_buffers', median('history', 'buffers'),
    'wal', (SELECT json_object_agg("resource_manager/record_type", json_build_array(count, record_size, fpi_size))
            FROM pg_get_wal_stats(lsn2, lsn1, true) WHERE count > n / 1000),
    'before', (SELECT sizes FROM noted WHERE at = 'before'), 'after', (SELECT sizes FROM noted WHERE at = 'after'),
    'dead', (SELECT json_object_agg(relname, (SELECT json_build_array(tuple_len, dead_tuple_len, free_space) FROM pgstattuple(oid)))
             FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('noted', 'cost', 'spent')),
    'leaf_density', (SELECT json_object_agg(relname, (SELECT avg_leaf_density FROM pgstatindex(oid)))
             FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace))
  FROM ends $$;
