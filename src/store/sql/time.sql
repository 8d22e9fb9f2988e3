-- title: Where the time goes, host by host
-- tells: How long each stage took: connect, tls (by the name the client asked for), idle
--   (before a reused connection's next request), upload, think, download, stall.
-- read: think is the wait for the response's first byte less the round trip between the
--   tap and the server, and less the time spent behind other responses. stall is the part
--   of the download that waited for a retransmission. The packet is that of the slowest.
-- diff: host, stage | exchanges, p50_ms, p95_ms, p99_ms, max_ms
WITH base AS MATERIALIZED (
    SELECT
        e.id, e.host,
        CASE WHEN e.ordinal = 1 THEN c.handshake_us END AS connect_us,
        e.idle_before_us,
        e.request_end_us - e.request_start_us AS upload_us,
        CASE WHEN e.depth >= 2 THEN e.service_us ELSE e.wait_us END
            - COALESCE(c.synack_rtt_us, 0) AS think_us,
        e.transfer_us,
        e.response_stall_us AS stall_us
    FROM exchanges AS e
    JOIN connections AS c ON c.id = e.connection_id
    WHERE e.request_packet IS NOT NULL
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
-- One stage after the other: each is sorted apart, by a number first.
lengths AS (
    SELECT host, 1 AS stage, connect_us AS took_us, COUNT(*) AS many, MIN(id) AS example
    FROM base
    WHERE connect_us IS NOT NULL
    GROUP BY connect_us, host
    UNION ALL
    SELECT host, 2, took_us, COUNT(*), MIN(connection_id)
    FROM secured
    GROUP BY took_us, host
    UNION ALL
    SELECT host, 3, idle_before_us, COUNT(*), MIN(id)
    FROM base
    WHERE idle_before_us IS NOT NULL
    GROUP BY idle_before_us, host
    UNION ALL
    SELECT host, 4, upload_us, COUNT(*), MIN(id)
    FROM base
    WHERE upload_us IS NOT NULL
    GROUP BY upload_us, host
    UNION ALL
    SELECT host, 5, CASE WHEN think_us < 0 THEN 0 ELSE think_us END AS shown_us,
        COUNT(*), MIN(id)
    FROM base
    WHERE think_us IS NOT NULL
    GROUP BY shown_us, host
    UNION ALL
    SELECT host, 6, transfer_us, COUNT(*), MIN(id)
    FROM base
    WHERE transfer_us IS NOT NULL
    GROUP BY transfer_us, host
    UNION ALL
    SELECT host, 7, stall_us, COUNT(*), MIN(id)
    FROM base
    WHERE stall_us > 0
    GROUP BY stall_us, host
),
ranked AS (
    SELECT
        host, stage, took_us, many, example,
        SUM(many) OVER (
            PARTITION BY host, stage ORDER BY took_us ROWS UNBOUNDED PRECEDING) AS place,
        SUM(many) OVER (PARTITION BY host, stage) AS total
    FROM lengths
),
summed AS MATERIALIZED (
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
),
-- No LEFT JOIN: SQLite would unfold every exchange there is for these few.
slowest AS (
    SELECT
        s.host, s.stage, s.exchanges, s.p50_us, s.p95_us, s.p99_us, s.max_us, s.sum_us,
        e.time, e.request_packet AS packet, e.request_capture_id AS capture_id,
        e.connection_id
    FROM summed AS s
    JOIN exchanges AS e ON e.id = s.slowest
    WHERE s.stage <> 2
    UNION ALL
    SELECT
        s.host, s.stage, s.exchanges, s.p50_us, s.p95_us, s.p99_us, s.max_us, s.sum_us,
        c.time, c.first_packet, c.first_capture_id, c.id
    FROM summed AS s
    JOIN connections AS c ON c.id = s.slowest
    WHERE s.stage = 2
)
SELECT
    host,
    CASE stage
        WHEN 1 THEN 'connect' WHEN 2 THEN 'tls' WHEN 3 THEN 'idle'
        WHEN 4 THEN 'upload' WHEN 5 THEN 'think' WHEN 6 THEN 'download' ELSE 'stall'
    END AS stage,
    exchanges,
    p50_us / 1000.0 AS p50_ms,
    p95_us / 1000.0 AS p95_ms,
    p99_us / 1000.0 AS p99_ms,
    max_us / 1000.0 AS max_ms,
    sum_us / 1000.0 AS total_ms,
    time,
    packet AS slowest_packet,
    capture_id,
    connection_id
FROM slowest AS w
ORDER BY host NULLS LAST, w.stage
