-- title: How fast connections are opened, and who pays with ports
-- tells: Per client, server and port: opens per second, who closed first and so keeps the
--   port in TIME-WAIT, and how many ports that takes at once.
-- read: time_wait_max is the most connections that the client closed within time_wait_s;
--   at 100 percent of its ports, connect() fails. Let the server close, or reuse
--   connections. reuse_min_ms is the shortest time after which a port came back.
-- param ports = 28232: how many ports the client can use (Linux: 32768 to 60999)
-- param time_wait_s = 60: how long a port stays in TIME-WAIT
-- diff: client_ip, server_ip, server_port | opens, opens_per_s_max, time_wait_max, closed_by_client, closed_by_server
WITH met AS MATERIALIZED (
    SELECT
        id, client_ip, client_port, server_ip, server_port, start_us, end_us, closed_by,
        close_kind
    FROM connections
    WHERE open_kind = 'handshake'
),
-- A number for each client, server and port: what follows sorts numbers, not names.
lives AS MATERIALIZED (
    SELECT
        id, client_port, start_us, end_us, closed_by, close_kind,
        DENSE_RANK() OVER (ORDER BY client_ip, server_ip, server_port) AS route
    FROM met
),
opened AS (
    SELECT
        route, id, start_us,
        start_us - LAG(end_us) OVER (
            PARTITION BY route, client_port ORDER BY start_us, id) AS reuse_us,
        COUNT(*) OVER (
            PARTITION BY route
            ORDER BY start_us RANGE BETWEEN 999999 PRECEDING AND CURRENT ROW) AS rate
    FROM lives
),
opens AS (
    SELECT
        route, id, rate,
        COUNT(*) OVER (PARTITION BY route) AS opens,
        MIN(CASE WHEN reuse_us >= 0 THEN reuse_us END) OVER (PARTITION BY route)
            AS reuse_us,
        ROW_NUMBER() OVER (
            PARTITION BY route ORDER BY rate DESC, start_us, id) AS place
    FROM opened
),
waiting AS (
    SELECT
        route, closed_by,
        COUNT(*) OVER (
            PARTITION BY route, closed_by
            ORDER BY end_us
            RANGE BETWEEN :time_wait_s * 1000000 PRECEDING AND CURRENT ROW) AS held
    FROM lives
    WHERE close_kind = 'fin'
    UNION ALL
    SELECT DISTINCT route, NULL, 0 FROM lives -- of which none was closed by a FIN
),
closes AS (
    SELECT
        route,
        SUM(CASE WHEN closed_by = 'client' THEN 1 ELSE 0 END) AS by_client,
        SUM(CASE WHEN closed_by = 'server' THEN 1 ELSE 0 END) AS by_server,
        SUM(CASE WHEN closed_by = 'both' THEN 1 ELSE 0 END) AS by_both,
        MAX(CASE WHEN closed_by = 'client' THEN held ELSE 0 END) AS held_max
    FROM waiting
    GROUP BY route
)
SELECT
    c.client_ip,
    c.server_ip,
    c.server_port,
    o.opens,
    o.rate AS opens_per_s_max,
    k.by_client AS closed_by_client,
    k.by_server AS closed_by_server,
    k.by_both AS closed_by_both,
    CASE
        WHEN k.by_client > k.by_server THEN 'client'
        WHEN k.by_server > k.by_client THEN 'server'
        WHEN k.by_client > 0 OR k.by_both > 0 THEN 'both'
    END AS time_wait_at,
    k.held_max AS time_wait_max,
    ROUND(100.0 * k.held_max / :ports, 2) AS ports_percent,
    o.reuse_us / 1000.0 AS reuse_min_ms,
    c.time,
    c.first_packet,
    o.id AS connection_id,
    c.first_capture_id AS capture_id
FROM opens AS o
JOIN closes AS k ON k.route = o.route
JOIN connections AS c ON c.id = o.id
WHERE o.place = 1
ORDER BY o.opens DESC, c.server_ip, c.server_port, c.client_ip
