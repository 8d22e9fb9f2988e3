-- title: Clients that send or read slowly
-- tells: Requests that took long to arrive, and connections whose client kept its receive
--   window closed: both hold a server's worker.
-- read: Few bytes over a long time from many connections of one address is an attack
--   (Slowloris); from many addresses it is bad networks: let a proxy buffer.
-- param send_ms = 10000: a request that takes this long is sent slowly
-- param read_ms = 1000: a window closed this long is read slowly
-- diff: kind, client_ip, server_ip, server_port | rows, took_ms
WITH noted AS (
    SELECT connection_id, exchange_ordinal, MIN(packet) AS packet,
        MIN(packet_capture_id) AS capture_id
    FROM findings
    WHERE code = 'request_slow'
    GROUP BY connection_id, exchange_ordinal
),
slow AS (
    SELECT
        e.connection_id, e.ordinal, e.time, 'sends slowly' AS kind,
        e.request_end_us - e.request_start_us AS took_us,
        e.request_head_bytes + e.request_body_bytes AS bytes,
        e.method, e.target, e.host, COALESCE(n.packet, e.request_packet) AS packet,
        COALESCE(n.capture_id, e.request_capture_id) AS capture_id
    FROM exchanges AS e
    LEFT JOIN noted AS n
        ON n.connection_id = e.connection_id AND n.exchange_ordinal = e.ordinal
    WHERE n.packet IS NOT NULL OR e.request_end_us - e.request_start_us >= :send_ms * 1000
    UNION ALL
    SELECT
        c.id, NULL, c.time, 'reads slowly', c.client_zero_window_us, c.server_bytes,
        NULL, NULL, NULL, c.first_packet, c.first_capture_id
    FROM connections AS c
    WHERE c.client_zero_window_us >= :read_ms * 1000
    UNION ALL
    SELECT
        n.connection_id, NULL, c.time, 'sends slowly', c.end_us - c.start_us,
        c.client_bytes, NULL, NULL, NULL, n.packet, n.capture_id
    FROM noted AS n
    JOIN connections AS c ON c.id = n.connection_id
    WHERE n.exchange_ordinal IS NULL
)
SELECT
    s.time,
    s.kind,
    s.took_us / 1000.0 AS took_ms,
    s.bytes,
    ROUND(s.bytes * 1000000.0 / NULLIF(s.took_us, 0), 1) AS bytes_per_s,
    s.method,
    s.target,
    s.host,
    s.packet,
    c.client_ip,
    c.client_port,
    c.server_ip,
    c.server_port,
    c.closed_by,
    s.connection_id,
    s.ordinal,
    s.capture_id
FROM slow AS s
JOIN connections AS c ON c.id = s.connection_id
ORDER BY s.took_us DESC NULLS LAST, s.connection_id, s.ordinal
