-- title: The account of each host
-- tells: Per Host: exchanges, connections, clients, answers by class, bytes and waits.
-- read: unanswered counts requests without a complete response, on connections whose
--   server was captured: NULL when none was. The packet is the request that waited
--   longest.
-- diff: host | exchanges, connections, errors_4xx, errors_5xx, unanswered, wait_p50_ms, wait_p95_ms
WITH base AS MATERIALIZED (
    SELECT
        id, host, connection_id, wait_us,
        COALESCE(request_start_us, response_start_us) AS moment_us,
        CASE WHEN status BETWEEN 400 AND 499 THEN 1 ELSE 0 END AS is_4xx,
        CASE WHEN status BETWEEN 500 AND 599 THEN 1 ELSE 0 END AS is_5xx,
        CASE WHEN state IN ('no_response', 'response_incomplete') THEN 1 ELSE 0 END
            AS is_unanswered,
        request_head_bytes + COALESCE(request_body_bytes, 0) AS request_bytes,
        response_head_bytes + COALESCE(response_body_bytes, 0) AS response_bytes
    FROM exchanges
),
lengths AS (
    SELECT host, wait_us, COUNT(*) AS many, MIN(id) AS example
    FROM base
    GROUP BY wait_us, host
),
ranked AS (
    SELECT
        host, wait_us, many, example,
        SUM(CASE WHEN wait_us IS NULL THEN 0 ELSE many END) OVER (
            PARTITION BY host ORDER BY wait_us NULLS LAST ROWS UNBOUNDED PRECEDING)
            AS place,
        SUM(CASE WHEN wait_us IS NULL THEN 0 ELSE many END) OVER (
            PARTITION BY host) AS total
    FROM lengths
),
summed AS (
    SELECT
        host,
        SUM(many) AS exchanges,
        MIN(CASE WHEN place * 2 >= total THEN wait_us END) AS p50_us,
        MIN(CASE WHEN place * 100 >= total * 95 THEN wait_us END) AS p95_us,
        MAX(wait_us) AS max_us,
        COALESCE(MAX(CASE WHEN place = total AND wait_us IS NOT NULL THEN example END),
            MIN(example)) AS slowest,
        MIN(example) AS first_id -- tells the host, NULL or not, where two are joined
    FROM ranked
    GROUP BY host
),
homes AS (
    SELECT
        connection_id, host, MIN(id) AS first_id,
        SUM(is_4xx) AS errors_4xx, SUM(is_5xx) AS errors_5xx,
        SUM(is_unanswered) AS unanswered, SUM(request_bytes) AS request_bytes,
        SUM(response_bytes) AS response_bytes, MIN(moment_us) AS first_us,
        MAX(moment_us) AS last_us
    FROM base
    GROUP BY connection_id, host
),
met AS MATERIALIZED (
    SELECT
        h.host, h.first_id, h.errors_4xx, h.errors_5xx, h.request_bytes,
        h.response_bytes, h.first_us, h.last_us, c.client_ip, c.server_ip,
        CASE WHEN c.server_packets > 0 THEN h.unanswered END AS unanswered
    FROM homes AS h
    JOIN connections AS c ON c.id = h.connection_id
),
ends AS MATERIALIZED (
    SELECT
        host,
        COUNT(*) AS connections,
        COUNT(DISTINCT client_ip) AS clients,
        COUNT(DISTINCT server_ip) AS servers,
        SUM(errors_4xx) AS errors_4xx,
        SUM(errors_5xx) AS errors_5xx,
        SUM(unanswered) AS unanswered,
        SUM(request_bytes) AS request_bytes,
        SUM(response_bytes) AS response_bytes,
        MIN(first_us) AS first_us,
        MAX(last_us) AS last_us,
        MIN(first_id) AS first_id
    FROM met
    GROUP BY host
)
SELECT
    n.host,
    s.exchanges,
    n.connections,
    n.clients,
    n.servers,
    n.errors_4xx,
    n.errors_5xx,
    n.unanswered,
    n.request_bytes,
    n.response_bytes,
    s.p50_us / 1000.0 AS wait_p50_ms,
    s.p95_us / 1000.0 AS wait_p95_ms,
    s.max_us / 1000.0 AS wait_max_ms,
    n.first_us / 1000000.0 AS time,
    n.last_us / 1000000.0 AS last_time,
    COALESCE(e.request_packet, e.response_packet) AS slowest_packet,
    COALESCE(e.request_capture_id, e.response_capture_id) AS capture_id,
    e.connection_id
FROM summed AS s
JOIN ends AS n ON n.first_id = s.first_id
JOIN exchanges AS e ON e.id = s.slowest
ORDER BY s.exchanges DESC, s.host
