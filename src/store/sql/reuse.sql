-- title: How often connections are used again, and why not
-- tells: Per client, server and host: connections, exchanges on each, the handshakes that
--   were paid, and what ended the connections.
-- read: used_once connections gained nothing from keep-alive. declared_close: somebody
--   sent Connection: close, or HTTP/1.0, or a body that ends with the connection;
--   handshake_again_ms is what all handshakes after the first cost.
-- diff: client_ip, server_ip, server_port, host | connections, exchanges, used_once, exchanges_p50, handshake_ms
WITH used AS (
    SELECT connection_id, host, COUNT(*) AS exchanges
    FROM exchanges
    WHERE request_packet IS NOT NULL
    GROUP BY connection_id, host
),
ranked AS (
    SELECT
        c.client_ip, c.server_ip, c.server_port, u.host, u.exchanges, c.id, c.time,
        c.first_packet, c.first_capture_id, c.handshake_us, c.close_cause,
        ROW_NUMBER() OVER (
            PARTITION BY c.client_ip, c.server_ip, c.server_port, u.host
            ORDER BY u.exchanges, c.id) AS place,
        ROW_NUMBER() OVER (
            PARTITION BY c.client_ip, c.server_ip, c.server_port, u.host
            ORDER BY c.id) AS nth,
        COUNT(*) OVER (
            PARTITION BY c.client_ip, c.server_ip, c.server_port, u.host) AS total
    FROM used AS u
    JOIN connections AS c ON c.id = u.connection_id
)
SELECT
    client_ip,
    server_ip,
    server_port,
    host,
    COUNT(*) AS connections,
    SUM(exchanges) AS exchanges,
    MIN(exchanges) AS exchanges_min,
    MIN(CASE WHEN place * 2 >= total THEN exchanges END) AS exchanges_p50,
    MAX(exchanges) AS exchanges_max,
    SUM(CASE WHEN exchanges = 1 THEN 1 ELSE 0 END) AS used_once,
    SUM(CASE WHEN close_cause IN ('request_close', 'response_close', 'close_delimited')
        THEN 1 ELSE 0 END) AS declared_close,
    SUM(CASE WHEN close_cause = 'idle_timeout' THEN 1 ELSE 0 END) AS closed_idle,
    SUM(CASE WHEN close_cause = 'max_requests' THEN 1 ELSE 0 END) AS max_requests,
    SUM(CASE WHEN close_cause IN ('idle_race', 'stale_reuse', 'late_reuse')
        THEN 1 ELSE 0 END) AS raced,
    SUM(CASE WHEN close_cause = 'aborted' THEN 1 ELSE 0 END) AS aborted,
    SUM(CASE WHEN close_cause = 'tunnel_end' THEN 1 ELSE 0 END) AS tunnels,
    SUM(handshake_us) / 1000.0 AS handshake_ms,
    SUM(CASE WHEN nth > 1 THEN handshake_us ELSE 0 END) / 1000.0 AS handshake_again_ms,
    MIN(CASE WHEN nth = 1 THEN time END) AS time,
    MIN(CASE WHEN nth = 1 THEN first_packet END) AS first_packet,
    MIN(id) AS connection_id,
    MIN(CASE WHEN nth = 1 THEN first_capture_id END) AS capture_id
FROM ranked
GROUP BY client_ip, server_ip, server_port, host
ORDER BY connections DESC, server_ip, server_port, client_ip, host
