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
homes AS (
    SELECT connection_id, host
    FROM turns
    WHERE ordinal = 1
),
idle AS MATERIALIZED (
    SELECT
        c.client_ip, c.server_ip, c.server_port, h.host, t.response_end_us AS from_us,
        COALESCE(t.next_us,
            t.response_end_us + c.idle_at_close_us, c.end_us) AS until_us
    FROM turns AS t
    JOIN connections AS c ON c.id = t.connection_id
    JOIN homes AS h ON h.connection_id = t.connection_id
    WHERE t.persist_declared = 1 AND t.response_end_us IS NOT NULL
),
events AS (
    SELECT client_ip, server_ip, server_port, host, from_us AS moment_us, 1 AS change,
        NULL AS id, NULL AS handshake_us
    FROM idle
    WHERE until_us > from_us
    UNION ALL
    SELECT client_ip, server_ip, server_port, host, until_us, -1, NULL, NULL
    FROM idle
    WHERE until_us > from_us
    UNION ALL
    SELECT c.client_ip, c.server_ip, c.server_port, h.host, c.start_us, 0, c.id,
        c.handshake_us
    FROM connections AS c
    JOIN homes AS h ON h.connection_id = c.id
    WHERE c.open_kind = 'handshake'
),
levels AS (
    SELECT
        client_ip, server_ip, server_port, host, id, moment_us, handshake_us,
        SUM(change) OVER (
            PARTITION BY client_ip, server_ip, server_port, host
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS idle_then,
        SUM(CASE WHEN change = 0 THEN 0 ELSE 1 END) OVER (
            PARTITION BY client_ip, server_ip, server_port, host
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS spell
    FROM events
),
bursts AS (
    SELECT
        client_ip, server_ip, server_port, host, id, handshake_us, idle_then,
        CASE WHEN ROW_NUMBER() OVER (
            PARTITION BY client_ip, server_ip, server_port, host, spell
            ORDER BY moment_us, id) <= idle_then THEN 1 ELSE 0 END AS is_avoidable
    FROM levels
    WHERE id IS NOT NULL
),
opens AS (
    SELECT
        client_ip, server_ip, server_port, host,
        COUNT(*) AS opens,
        SUM(is_avoidable) AS avoidable,
        MAX(idle_then) AS idle_max,
        SUM(handshake_us) AS handshake_us,
        SUM(CASE WHEN is_avoidable = 1 THEN handshake_us ELSE 0 END) AS tax_us,
        MIN(CASE WHEN is_avoidable = 1 THEN id END) AS example
    FROM bursts
    GROUP BY client_ip, server_ip, server_port, host
)
SELECT
    o.client_ip,
    o.server_ip,
    o.server_port,
    o.host,
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
JOIN connections AS c ON c.id = o.example
WHERE o.avoidable > 0
ORDER BY o.tax_us DESC, o.server_ip, o.server_port, o.client_ip, o.host
