-- title: Why connections ended
-- tells: Per server: each cause, who closed, and how.
-- read: closed_by is the side whose FIN or RST came first; it keeps the port. The cause is
--   the first that holds: see SEMANTICS of close_cause. The packet is the first FIN or RST
--   of the first such connection. close_kind open: the capture ended first; none at all:
--   it goes on, or was killed (trust says which).
-- diff: server_ip, server_port, close_cause, closed_by, close_kind | connections, exchanges
WITH ends AS (
    SELECT
        server_ip, server_port, close_cause, closed_by, close_kind,
        COUNT(*) AS connections, SUM(exchanges) AS exchanges,
        MAX(idle_at_close_us) AS idle_us, MIN(id) AS example
    FROM connections
    GROUP BY server_ip, server_port, close_cause, closed_by, close_kind
)
SELECT
    d.server_ip,
    d.server_port,
    d.close_cause,
    d.closed_by,
    d.close_kind,
    d.connections,
    ROUND(100.0 * d.connections / SUM(d.connections) OVER (
        PARTITION BY d.server_ip, d.server_port), 1) AS percent,
    d.exchanges,
    d.idle_us / 1000.0 AS idle_at_close_max_ms,
    c.time,
    COALESCE(c.close_packet, c.last_packet) AS packet,
    d.example AS connection_id,
    COALESCE(c.close_capture_id, c.last_capture_id) AS capture_id
FROM ends AS d
JOIN connections AS c ON c.id = d.example
ORDER BY d.server_ip, d.server_port, d.connections DESC, d.example
