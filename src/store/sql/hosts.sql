-- title: The account of each host
-- tells: Per Host: exchanges, connections, clients, answers by class, bytes and waits.
-- read: unanswered counts requests without a complete response. The packet is the request
--   that waited longest.
-- diff: host | exchanges, connections, errors_4xx, errors_5xx, unanswered, wait_p50_ms, wait_p95_ms
WITH lengths AS (
    SELECT
        host, wait_us,
        COUNT(*) AS many,
        MIN(id) AS example,
        SUM(CASE WHEN status BETWEEN 400 AND 499 THEN 1 ELSE 0 END) AS errors_4xx,
        SUM(CASE WHEN status BETWEEN 500 AND 599 THEN 1 ELSE 0 END) AS errors_5xx,
        SUM(CASE WHEN state IN ('no_response', 'response_incomplete') THEN 1 ELSE 0 END)
            AS unanswered,
        SUM(request_head_bytes + COALESCE(request_body_bytes, 0)) AS request_bytes,
        SUM(response_head_bytes + COALESCE(response_body_bytes, 0)) AS response_bytes,
        MIN(COALESCE(request_start_us, response_start_us)) AS first_us,
        MAX(COALESCE(request_start_us, response_start_us)) AS last_us
    FROM exchanges
    GROUP BY host, wait_us
),
ranked AS (
    SELECT
        host, wait_us, many, example, errors_4xx, errors_5xx, unanswered, request_bytes,
        response_bytes, first_us, last_us,
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
        SUM(errors_4xx) AS errors_4xx,
        SUM(errors_5xx) AS errors_5xx,
        SUM(unanswered) AS unanswered,
        SUM(request_bytes) AS request_bytes,
        SUM(response_bytes) AS response_bytes,
        MIN(CASE WHEN place * 2 >= total THEN wait_us END) AS p50_us,
        MIN(CASE WHEN place * 100 >= total * 95 THEN wait_us END) AS p95_us,
        MAX(wait_us) AS max_us,
        MIN(first_us) AS first_us,
        MAX(last_us) AS last_us,
        COALESCE(MAX(CASE WHEN place = total AND wait_us IS NOT NULL THEN example END),
            MIN(example)) AS slowest
    FROM ranked
    GROUP BY host
),
homes AS (
    SELECT host, connection_id
    FROM exchanges
    GROUP BY host, connection_id
),
ends AS (
    SELECT
        h.host,
        COUNT(*) AS connections,
        COUNT(DISTINCT c.client_ip) AS clients,
        COUNT(DISTINCT c.server_ip) AS servers
    FROM homes AS h
    JOIN connections AS c ON c.id = h.connection_id
    GROUP BY h.host
)
SELECT
    s.host,
    s.exchanges,
    n.connections,
    n.clients,
    n.servers,
    s.errors_4xx,
    s.errors_5xx,
    s.unanswered,
    s.request_bytes,
    s.response_bytes,
    s.p50_us / 1000.0 AS wait_p50_ms,
    s.p95_us / 1000.0 AS wait_p95_ms,
    s.max_us / 1000.0 AS wait_max_ms,
    s.first_us / 1000000.0 AS time,
    s.last_us / 1000000.0 AS last_time,
    COALESCE(e.request_packet, e.response_packet) AS slowest_packet,
    COALESCE(e.request_capture_id, e.response_capture_id) AS capture_id,
    e.connection_id
FROM summed AS s
JOIN ends AS n ON COALESCE(n.host, '') = COALESCE(s.host, '')
JOIN exchanges AS e ON e.id = s.slowest
ORDER BY s.exchanges DESC, s.host
