-- title: Requests lost to a closing connection
-- tells: Requests on a used connection that the server had closed, or closed meanwhile:
--   the 502s and connection resets that nobody can explain.
-- read: idle_race: the client could not know; late_reuse: it had acknowledged the FIN;
--   stale_reuse: a reset without a FIN. Where idle_before_ms stands near the server's
--   timeout, let the client give up idle connections earlier. repeated_packet is the
--   next same request of that client.
-- param repeat_s = 60: how long after a lost request its repetition is looked for
-- diff: class, server_ip, server_port, host | rows
WITH lost AS MATERIALIZED (
    SELECT
        f.code, f.time, f.time_us, f.connection_id, f.client_ip, f.client_port,
        f.server_ip, f.server_port, f.exchange_ordinal, f.packet, f.packet_capture_id,
        e.host, e.method, e.target, e.idle_before_ms
    FROM findings AS f
    LEFT JOIN exchanges AS e
        ON e.connection_id = f.connection_id AND e.ordinal = f.exchange_ordinal
    WHERE f.code IN ('idle_race', 'late_reuse', 'stale_reuse')
),
again AS (
    SELECT l.connection_id, l.exchange_ordinal, MIN(r.id) AS id
    FROM exchanges AS r
    JOIN lost AS l
        ON l.target = r.target AND l.method = r.method AND l.client_ip = r.client_ip
        AND l.packet_capture_id = r.request_capture_id
        AND r.request_start_us > l.time_us
        AND r.request_start_us <= l.time_us + :repeat_s * 1000000
    WHERE r.request_packet IS NOT NULL AND (SELECT COUNT(*) FROM lost) > 0
    GROUP BY l.connection_id, l.exchange_ordinal
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
    r.request_packet AS repeated_packet,
    l.client_ip,
    l.client_port,
    l.server_ip,
    l.server_port,
    l.connection_id,
    l.exchange_ordinal AS ordinal,
    l.packet_capture_id AS capture_id
FROM lost AS l
JOIN connections AS c ON c.id = l.connection_id
LEFT JOIN again AS a
    ON a.connection_id = l.connection_id AND a.exchange_ordinal = l.exchange_ordinal
LEFT JOIN exchanges AS r ON r.id = a.id
ORDER BY l.time, l.connection_id, l.exchange_ordinal
