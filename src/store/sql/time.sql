-- title: Where the time goes, host by host
-- tells: How long each stage took: connect, tls (by the name the client asked for), idle
--   (before a reused connection's next request), upload, think, download, stall.
-- read: think is the wait for the response's first byte less the round trip between the
--   tap and the server, and less the time spent behind other responses. stall is the part
--   of the download that waited for a retransmission. The packet is that of the slowest.
-- diff: host, stage | exchanges, p50_ms, p95_ms, p99_ms, max_ms
WITH stages AS (
    SELECT 1 AS stage UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
    UNION ALL SELECT 6 UNION ALL SELECT 7
),
base AS MATERIALIZED (
    SELECT
        e.id, e.host,
        CASE WHEN e.ordinal = 1 THEN c.handshake_us END AS connect_us,
        e.idle_before_us,
        e.request_end_us - e.request_start_us AS upload_us,
        CASE WHEN e.depth >= 2 THEN e.service_us ELSE e.wait_us END
            - COALESCE(c.synack_rtt_us, 0) AS think_us,
        e.transfer_us,
        CASE WHEN e.response_stall_us > 0 THEN e.response_stall_us END AS stall_us
    FROM exchanges AS e
    JOIN connections AS c ON c.id = e.connection_id
    WHERE e.request_packet IS NOT NULL
),
spans AS (
    SELECT
        b.id, b.host, s.stage,
        CASE s.stage
            WHEN 1 THEN b.connect_us
            WHEN 3 THEN b.idle_before_us
            WHEN 4 THEN b.upload_us
            WHEN 5 THEN CASE WHEN b.think_us < 0 THEN 0 ELSE b.think_us END
            WHEN 6 THEN b.transfer_us
            ELSE b.stall_us
        END AS took_us
    FROM base AS b
    CROSS JOIN stages AS s
),
secured AS (
    SELECT id AS connection_id, tls_sni AS host, tls_handshake_us AS took_us
    FROM connections
    WHERE tls_handshake_us IS NOT NULL
    UNION ALL
    SELECT connection_id, tls_sni, tls_handshake_us
    FROM tunnels
    WHERE tls_handshake_us IS NOT NULL
),
lengths AS (
    SELECT host, stage, took_us, COUNT(*) AS many, MIN(id) AS example
    FROM spans
    WHERE took_us IS NOT NULL
    GROUP BY host, stage, took_us
    UNION ALL
    SELECT host, 2, took_us, COUNT(*), MIN(connection_id)
    FROM secured
    GROUP BY host, took_us
),
ranked AS (
    SELECT
        host, stage, took_us, many, example,
        SUM(many) OVER (
            PARTITION BY host, stage ORDER BY took_us ROWS UNBOUNDED PRECEDING) AS place,
        SUM(many) OVER (PARTITION BY host, stage) AS total
    FROM lengths
),
summed AS (
    SELECT
        host, stage,
        SUM(many) AS exchanges,
        MIN(CASE WHEN place * 2 >= total THEN took_us END) AS p50_us,
        MIN(CASE WHEN place * 100 >= total * 95 THEN took_us END) AS p95_us,
        MIN(CASE WHEN place * 100 >= total * 99 THEN took_us END) AS p99_us,
        MAX(took_us) AS max_us,
        SUM(took_us * many) AS sum_us,
        MAX(CASE WHEN place = total THEN example END) AS slowest
    FROM ranked
    GROUP BY host, stage
)
SELECT
    s.host,
    CASE s.stage
        WHEN 1 THEN 'connect' WHEN 2 THEN 'tls' WHEN 3 THEN 'idle'
        WHEN 4 THEN 'upload' WHEN 5 THEN 'think' WHEN 6 THEN 'download' ELSE 'stall'
    END AS stage,
    s.exchanges,
    s.p50_us / 1000.0 AS p50_ms,
    s.p95_us / 1000.0 AS p95_ms,
    s.p99_us / 1000.0 AS p99_ms,
    s.max_us / 1000.0 AS max_ms,
    s.sum_us / 1000.0 AS total_ms,
    COALESCE(e.time, c.time) AS time,
    COALESCE(e.request_packet, c.first_packet) AS slowest_packet,
    COALESCE(e.request_capture_id, c.first_capture_id) AS capture_id,
    COALESCE(e.connection_id, c.id) AS connection_id
FROM summed AS s
LEFT JOIN exchanges AS e ON s.stage <> 2 AND e.id = s.slowest
LEFT JOIN connections AS c ON s.stage = 2 AND c.id = s.slowest
ORDER BY s.host NULLS LAST, s.stage
