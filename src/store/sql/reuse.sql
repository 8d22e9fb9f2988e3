-- title: How often connections are used again, and why not
-- tells: Per client, server and host: connections, exchanges on each, the handshakes that
--   were paid, and what ended the connections.
-- read: used_once connections gained nothing from keep-alive. declared_close: somebody
--   sent Connection: close, or HTTP/1.0, or a body that ends with the connection;
--   handshake_again_ms is what all handshakes after the first cost.
-- diff: client_ip, server_ip, server_port, host | connections, exchanges, used_once, exchanges_p50, handshake_ms
WITH used AS MATERIALIZED (
    SELECT connection_id, host, COUNT(*) AS exchanges
    FROM exchanges
    WHERE request_packet IS NOT NULL
    GROUP BY connection_id, host
),
-- A number for each client, server and host: what follows sorts numbers, not names.
turns AS MATERIALIZED (
    SELECT
        c.id, c.client_ip, c.server_ip, c.server_port, u.host, u.exchanges,
        c.handshake_us, c.close_cause,
        DENSE_RANK() OVER (
            ORDER BY c.client_ip, c.server_ip, c.server_port, u.host) AS pool
    FROM used AS u
    JOIN connections AS c ON c.id = u.connection_id
),
lengths AS (
    SELECT pool, exchanges, COUNT(*) AS many
    FROM turns
    GROUP BY pool, exchanges
),
ranked AS (
    SELECT
        pool, exchanges,
        SUM(many) OVER (
            PARTITION BY pool ORDER BY exchanges ROWS UNBOUNDED PRECEDING) AS place,
        SUM(many) OVER (PARTITION BY pool) AS total
    FROM lengths
),
medians AS (
    SELECT pool, MIN(CASE WHEN place * 2 >= total THEN exchanges END) AS exchanges_p50
    FROM ranked
    GROUP BY pool
),
pools AS (
    SELECT
        pool,
        MIN(host) AS host,
        COUNT(*) AS connections,
        SUM(exchanges) AS exchanges,
        MIN(exchanges) AS exchanges_min,
        MAX(exchanges) AS exchanges_max,
        SUM(CASE WHEN exchanges = 1 THEN 1 ELSE 0 END) AS used_once,
        SUM(CASE WHEN close_cause IN ('request_close', 'response_close',
            'close_delimited') THEN 1 ELSE 0 END) AS declared_close,
        SUM(CASE WHEN close_cause = 'idle_timeout' THEN 1 ELSE 0 END) AS closed_idle,
        SUM(CASE WHEN close_cause = 'max_requests' THEN 1 ELSE 0 END) AS max_requests,
        SUM(CASE WHEN close_cause IN ('idle_race', 'stale_reuse', 'late_reuse')
            THEN 1 ELSE 0 END) AS raced,
        SUM(CASE WHEN close_cause = 'aborted' THEN 1 ELSE 0 END) AS aborted,
        SUM(CASE WHEN close_cause = 'tunnel_end' THEN 1 ELSE 0 END) AS tunnels,
        SUM(handshake_us) AS handshake_us,
        MIN(id) AS first_id
    FROM turns
    GROUP BY pool
)
SELECT
    c.client_ip,
    c.server_ip,
    c.server_port,
    p.host,
    p.connections,
    p.exchanges,
    p.exchanges_min,
    m.exchanges_p50,
    p.exchanges_max,
    p.used_once,
    p.declared_close,
    p.closed_idle,
    p.max_requests,
    p.raced,
    p.aborted,
    p.tunnels,
    p.handshake_us / 1000.0 AS handshake_ms,
    (COALESCE(p.handshake_us, 0) - COALESCE(c.handshake_us, 0)) / 1000.0
        AS handshake_again_ms,
    c.time,
    c.first_packet,
    p.first_id AS connection_id,
    c.first_capture_id AS capture_id
FROM pools AS p
JOIN medians AS m ON m.pool = p.pool
JOIN connections AS c ON c.id = p.first_id
ORDER BY p.connections DESC, c.server_ip, c.server_port, c.client_ip, p.host
