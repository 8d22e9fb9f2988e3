-- title: Handshakes that an idle connection would have saved
-- tells: Per client and origin: connections that were opened although one to the same
--   origin stood idle and kept alive at that moment, and what their handshakes took.
-- read: A connection belongs to the host of its first request; one that is idle can save
--   one of several opened at once. avoidable opens point at a client pool that is too
--   small, not shared, or not used. The example is the first that was not needed.
-- diff: client_ip, server_ip, server_port, host | opens, avoidable, tax_ms
WITH turns AS MATERIALIZED (
    SELECT
        connection_id, ordinal, host, response_end_us, persist_declared,
        LEAD(request_start_us) OVER (
            PARTITION BY connection_id ORDER BY ordinal) AS next_us
    FROM exchanges
    WHERE request_packet IS NOT NULL
),
met AS MATERIALIZED (
    SELECT
        c.id, c.client_ip, c.server_ip, c.server_port, t.host, c.open_kind, c.start_us,
        c.end_us, c.handshake_us, c.idle_at_close_us
    FROM turns AS t
    JOIN connections AS c ON c.id = t.connection_id
    WHERE t.ordinal = 1
),
-- A number for each client and origin: what follows sorts numbers, not names.
homes AS MATERIALIZED (
    SELECT
        id, host, open_kind, start_us, end_us, handshake_us, idle_at_close_us,
        DENSE_RANK() OVER (ORDER BY client_ip, server_ip, server_port, host) AS origin
    FROM met
),
idle AS MATERIALIZED (
    SELECT
        h.origin, t.response_end_us AS from_us,
        COALESCE(t.next_us,
            t.response_end_us + h.idle_at_close_us, h.end_us) AS until_us
    FROM turns AS t
    JOIN homes AS h ON h.id = t.connection_id
    WHERE t.persist_declared = 1 AND t.response_end_us IS NOT NULL
),
events AS (
    SELECT origin, from_us AS moment_us, 1 AS change, NULL AS id, NULL AS handshake_us
    FROM idle
    WHERE until_us > from_us
    UNION ALL
    SELECT origin, until_us, -1, NULL, NULL
    FROM idle
    WHERE until_us > from_us
    UNION ALL
    SELECT origin, start_us, 0, id, handshake_us
    FROM homes
    WHERE open_kind = 'handshake'
),
levels AS (
    SELECT
        origin, id, moment_us, handshake_us,
        SUM(change) OVER (
            PARTITION BY origin
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS idle_then,
        SUM(CASE WHEN change = 0 THEN 0 ELSE 1 END) OVER (
            PARTITION BY origin
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS spell
    FROM events
),
bursts AS (
    SELECT
        origin, id, handshake_us, idle_then,
        CASE WHEN ROW_NUMBER() OVER (
            PARTITION BY origin, spell
            ORDER BY moment_us, id) <= idle_then THEN 1 ELSE 0 END AS is_avoidable
    FROM levels
    WHERE id IS NOT NULL
),
opens AS (
    SELECT
        origin,
        COUNT(*) AS opens,
        SUM(is_avoidable) AS avoidable,
        MAX(idle_then) AS idle_max,
        SUM(handshake_us) AS handshake_us,
        SUM(CASE WHEN is_avoidable = 1 THEN handshake_us ELSE 0 END) AS tax_us,
        MIN(CASE WHEN is_avoidable = 1 THEN id END) AS example
    FROM bursts
    GROUP BY origin
)
SELECT
    c.client_ip,
    c.server_ip,
    c.server_port,
    h.host,
    o.opens,
    o.avoidable,
    o.idle_max,
    o.handshake_us / 1000.0 AS handshake_ms,
    o.tax_us / 1000.0 AS tax_ms,
    c.time,
    c.first_packet,
    o.example AS connection_id,
    c.first_capture_id AS capture_id
FROM opens AS o
JOIN homes AS h ON h.id = o.example
JOIN connections AS c ON c.id = o.example
WHERE o.avoidable > 0
ORDER BY o.tax_us DESC, c.server_ip, c.server_port, c.client_ip, h.host
