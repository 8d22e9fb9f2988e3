-- title: What a connection's first exchanges cost
-- tells: Per server, the wait and the speed of responses by their place on the
--   connection: TCP begins slowly, and so do cold workers and caches.
-- read: Compare ordinal 1 with the later ones: the difference is what every connection
--   that is not reused pays. speed counts whole responses of at least min_bytes that took
--   time. Pipelined requests are left out.
-- param min_bytes = 4000: smaller responses tell nothing of speed
-- diff: server_ip, server_port, ordinal_from | exchanges, wait_p50_ms, speed_p50_bytes_per_s
WITH base AS MATERIALIZED (
    SELECT
        e.id, c.server_ip, c.server_port, e.wait_us,
        CASE
            WHEN e.ordinal <= 4 THEN e.ordinal WHEN e.ordinal <= 8 THEN 5
            WHEN e.ordinal <= 16 THEN 9 WHEN e.ordinal <= 64 THEN 17 ELSE 65
        END AS ordinal_from,
        CASE
            WHEN e.response_body_bytes >= :min_bytes AND e.transfer_us > 0
                AND e.state = 'complete'
                THEN e.response_body_bytes * 1000000.0 / e.transfer_us
        END AS speed
    FROM exchanges AS e
    JOIN connections AS c ON c.id = e.connection_id
    WHERE e.wait_us IS NOT NULL AND e.depth = 1
),
lengths AS (
    SELECT
        server_ip, server_port, ordinal_from, wait_us,
        COUNT(*) AS many, MIN(id) AS example
    FROM base
    GROUP BY server_ip, server_port, ordinal_from, wait_us
),
waits AS (
    SELECT
        server_ip, server_port, ordinal_from, wait_us, many, example,
        SUM(many) OVER (
            PARTITION BY server_ip, server_port, ordinal_from
            ORDER BY wait_us ROWS UNBOUNDED PRECEDING) AS place,
        SUM(many) OVER (PARTITION BY server_ip, server_port, ordinal_from) AS total
    FROM lengths
),
speeds AS (
    SELECT
        server_ip, server_port, ordinal_from, speed,
        ROW_NUMBER() OVER (
            PARTITION BY server_ip, server_port, ordinal_from ORDER BY speed, id) AS place,
        COUNT(*) OVER (PARTITION BY server_ip, server_port, ordinal_from) AS total
    FROM base
    WHERE speed IS NOT NULL
),
wait_medians AS (
    SELECT
        server_ip, server_port, ordinal_from, SUM(many) AS exchanges,
        MIN(CASE WHEN place * 2 >= total THEN wait_us END) AS p50_us,
        MIN(CASE WHEN place * 100 >= total * 95 THEN wait_us END) AS p95_us,
        MAX(CASE WHEN place = total THEN example END) AS slowest
    FROM waits
    GROUP BY server_ip, server_port, ordinal_from
),
speed_medians AS (
    SELECT
        server_ip, server_port, ordinal_from, COUNT(*) AS transfers,
        MIN(CASE WHEN place * 2 >= total THEN speed END) AS p50
    FROM speeds
    GROUP BY server_ip, server_port, ordinal_from
)
SELECT
    w.server_ip,
    w.server_port,
    w.ordinal_from,
    CASE w.ordinal_from WHEN 5 THEN 8 WHEN 9 THEN 16 WHEN 17 THEN 64
        WHEN 65 THEN NULL ELSE w.ordinal_from END AS ordinal_to,
    w.exchanges,
    w.p50_us / 1000.0 AS wait_p50_ms,
    w.p95_us / 1000.0 AS wait_p95_ms,
    COALESCE(s.transfers, 0) AS transfers,
    ROUND(s.p50, 0) AS speed_p50_bytes_per_s,
    e.time,
    e.request_packet AS slowest_packet,
    e.request_capture_id AS capture_id,
    e.connection_id
FROM wait_medians AS w
LEFT JOIN speed_medians AS s
    ON s.server_ip = w.server_ip AND s.server_port = w.server_port
    AND s.ordinal_from = w.ordinal_from
JOIN exchanges AS e ON e.id = w.slowest
ORDER BY w.server_ip, w.server_port, w.ordinal_from
