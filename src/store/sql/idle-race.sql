-- title: Requests lost to a closing connection
-- tells: Requests on a used connection that the server had closed, or closed meanwhile:
--   the 502s and connection resets that nobody can explain.
-- read: idle_race: the client could not know; late_reuse: it had acknowledged the FIN;
--   stale_reuse: a reset without a FIN. Where idle_before_ms stands near the server's
--   timeout, let the client give up idle connections earlier. repeated_packet is the
--   next same request of that client.
-- param repeat_s = 60: how long after a lost request its repetition is looked for
-- diff: class, server_ip, server_port, host | rows
WITH noted AS MATERIALIZED (
    SELECT
        code, time, time_us, connection_id, client_ip, client_port, server_ip,
        server_port, exchange_ordinal, packet, packet_capture_id
    FROM findings
    WHERE code IN ('idle_race', 'late_reuse', 'stale_reuse')
),
-- Joined for itself: a LEFT JOIN would unfold every exchange there is for these few.
met AS MATERIALIZED (
    SELECT e.connection_id, e.ordinal, e.host, e.method, e.target, e.idle_before_ms
    FROM noted AS n
    JOIN exchanges AS e
        ON e.connection_id = n.connection_id AND e.ordinal = n.exchange_ordinal
),
lost AS MATERIALIZED (
    SELECT
        n.code, n.time, n.time_us, n.connection_id, n.client_ip, n.client_port,
        n.server_ip, n.server_port, n.exchange_ordinal, n.packet, n.packet_capture_id,
        m.host, m.method, m.target, m.idle_before_ms
    FROM noted AS n
    LEFT JOIN met AS m
        ON m.connection_id = n.connection_id AND m.ordinal = n.exchange_ordinal
),
tries AS (
    SELECT l.connection_id, l.exchange_ordinal, r.request_packet AS packet
    FROM exchanges AS r
    JOIN lost AS l
        ON l.target = r.target AND l.method = r.method AND l.client_ip = r.client_ip
        AND l.packet_capture_id = r.request_capture_id
        AND r.request_start_us > l.time_us
        AND r.request_start_us <= l.time_us + :repeat_s * 1000000
    WHERE r.request_packet IS NOT NULL AND (SELECT COUNT(*) FROM lost) > 0
    UNION ALL
    SELECT connection_id, exchange_ordinal, NULL FROM lost -- which nobody repeated
),
again AS (
    SELECT connection_id, exchange_ordinal, MIN(packet) AS packet
    FROM tries
    GROUP BY connection_id, exchange_ordinal
)
SELECT
    l.time,
    l.code AS class,
    l.host,
    l.method,
    l.target,
    l.idle_before_ms,
    c.keepalive_timeout_s AS advertised_s,
    l.packet AS request_packet,
    c.close_packet,
    c.close_kind,
    a.packet AS repeated_packet,
    l.client_ip,
    l.client_port,
    l.server_ip,
    l.server_port,
    l.connection_id,
    l.exchange_ordinal AS ordinal,
    l.packet_capture_id AS capture_id
FROM lost AS l
JOIN connections AS c ON c.id = l.connection_id
JOIN again AS a
    ON a.connection_id = l.connection_id AND a.exchange_ordinal = l.exchange_ordinal
ORDER BY l.time, l.connection_id, l.exchange_ordinal
