-- title: How fast connections are opened, and who pays with ports
-- tells: Per client, server and port: opens per second, who closed first and so keeps the
--   port in TIME-WAIT, and how many ports that takes at once.
-- read: time_wait_max is the most connections that the client closed within time_wait_s;
--   at 100 percent of its ports, connect() fails. Let the server close, or reuse
--   connections. reuse_min_ms is the shortest time after which a port came back.
-- param ports = 28232: how many ports the client can use (Linux: 32768 to 60999)
-- param time_wait_s = 60: how long a port stays in TIME-WAIT
-- diff: client_ip, server_ip, server_port | opens, opens_per_s_max, time_wait_max, closed_by_client, closed_by_server
WITH opened AS (
    SELECT
        client_ip, server_ip, server_port, id, start_us, first_packet,
        first_capture_id,
        start_us - LAG(end_us) OVER (
            PARTITION BY client_ip, client_port, server_ip, server_port
            ORDER BY start_us, id) AS reuse_us,
        COUNT(*) OVER (
            PARTITION BY client_ip, server_ip, server_port
            ORDER BY start_us RANGE BETWEEN 999999 PRECEDING AND CURRENT ROW) AS rate
    FROM connections
    WHERE open_kind = 'handshake'
),
opens AS (
    SELECT
        client_ip, server_ip, server_port, id, start_us, first_packet, first_capture_id, rate,
        COUNT(*) OVER (PARTITION BY client_ip, server_ip, server_port) AS opens,
        MIN(CASE WHEN reuse_us >= 0 THEN reuse_us END) OVER (PARTITION BY client_ip, server_ip, server_port) AS reuse_us,
        ROW_NUMBER() OVER (
            PARTITION BY client_ip, server_ip, server_port
            ORDER BY rate DESC, start_us, id) AS place
    FROM opened
),
waiting AS (
    SELECT
        client_ip, server_ip, server_port, closed_by,
        COUNT(*) OVER (
            PARTITION BY client_ip, server_ip, server_port, closed_by
            ORDER BY end_us
            RANGE BETWEEN :time_wait_s * 1000000 PRECEDING AND CURRENT ROW) AS held
    FROM connections
    WHERE open_kind = 'handshake' AND close_kind = 'fin'
),
closes AS (
    SELECT
        client_ip, server_ip, server_port,
        SUM(CASE WHEN closed_by = 'client' THEN 1 ELSE 0 END) AS by_client,
        SUM(CASE WHEN closed_by = 'server' THEN 1 ELSE 0 END) AS by_server,
        SUM(CASE WHEN closed_by = 'both' THEN 1 ELSE 0 END) AS by_both,
        MAX(CASE WHEN closed_by = 'client' THEN held ELSE 0 END) AS held_max
    FROM waiting
    GROUP BY client_ip, server_ip, server_port
)
SELECT
    o.client_ip,
    o.server_ip,
    o.server_port,
    o.opens,
    o.rate AS opens_per_s_max,
    COALESCE(k.by_client, 0) AS closed_by_client,
    COALESCE(k.by_server, 0) AS closed_by_server,
    COALESCE(k.by_both, 0) AS closed_by_both,
    CASE
        WHEN k.by_client > k.by_server THEN 'client'
        WHEN k.by_server > k.by_client THEN 'server'
        WHEN k.by_client > 0 OR k.by_both > 0 THEN 'both'
    END AS time_wait_at,
    COALESCE(k.held_max, 0) AS time_wait_max,
    ROUND(100.0 * COALESCE(k.held_max, 0) / :ports, 2) AS ports_percent,
    o.reuse_us / 1000.0 AS reuse_min_ms,
    o.start_us / 1000000.0 AS time,
    o.first_packet,
    o.id AS connection_id,
    o.first_capture_id AS capture_id
FROM opens AS o
LEFT JOIN closes AS k
    ON k.client_ip = o.client_ip AND k.server_ip = o.server_ip
    AND k.server_port = o.server_port
WHERE o.place = 1
ORDER BY o.opens DESC, o.server_ip, o.server_port, o.client_ip
