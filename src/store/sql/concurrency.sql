-- title: How many connections at once
-- tells: Per client and origin (server, port, host): the most connections established at
--   one instant, and how long there were more than a browser would open.
-- read: The packet is the first of the connection that made it the most. hosts_at_once
--   above 1 is sharding: one server under several names at the same time.
-- param usual_max = 6: what browsers open to one origin
-- diff: client_ip, server_ip, server_port, host | connections, most_at_once, over_ms
WITH homes AS MATERIALIZED (
    SELECT connection_id, host
    FROM exchanges
    WHERE request_packet IS NOT NULL
    GROUP BY connection_id, host
),
met AS MATERIALIZED (
    SELECT
        c.id, c.client_ip, c.server_ip, c.server_port, h.host,
        c.start_us + COALESCE(c.handshake_us, 0) AS opened_us, c.end_us AS closed_us
    FROM homes AS h
    JOIN connections AS c ON c.id = h.connection_id
),
-- A number for each client and origin: what follows sorts numbers, not names.
spans AS MATERIALIZED (
    SELECT
        id, host, opened_us, closed_us,
        DENSE_RANK() OVER (ORDER BY client_ip, server_ip) AS pair,
        DENSE_RANK() OVER (
            ORDER BY client_ip, server_ip, server_port, host) AS origin
    FROM met
),
events AS (
    SELECT pair, origin, id, opened_us AS moment_us, 1 AS change
    FROM spans
    UNION ALL
    SELECT pair, origin, id, closed_us, -1
    FROM spans
),
levels AS MATERIALIZED (
    SELECT
        pair, origin, id, moment_us, change,
        SUM(change) OVER (
            PARTITION BY origin
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS level,
        LEAD(moment_us) OVER (
            PARTITION BY origin ORDER BY moment_us, change, id) - moment_us AS lasts_us
    FROM events
),
totals AS (
    SELECT
        origin, MIN(pair) AS pair, MAX(level) AS most,
        SUM(CASE WHEN change = 1 THEN 1 ELSE 0 END) AS connections,
        SUM(CASE WHEN level > :usual_max THEN lasts_us ELSE 0 END) AS over_us
    FROM levels
    GROUP BY origin
),
peaks AS (
    SELECT
        l.origin, l.id, l.moment_us, t.pair, t.most, t.connections, t.over_us,
        ROW_NUMBER() OVER (PARTITION BY l.origin ORDER BY l.moment_us, l.id) AS place
    FROM levels AS l
    JOIN totals AS t ON t.origin = l.origin AND t.most = l.level
),
shards AS (
    SELECT
        pair,
        SUM(change) OVER (
            PARTITION BY pair
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS hosts
    FROM levels
    WHERE (change = 1 AND level = 1) OR (change = -1 AND level = 0)
),
sharding AS (
    SELECT pair, MAX(hosts) AS hosts_at_once
    FROM shards
    GROUP BY pair
)
SELECT
    c.client_ip,
    c.server_ip,
    c.server_port,
    h.host,
    p.connections,
    p.most AS most_at_once,
    p.over_us / 1000.0 AS over_ms,
    s.hosts_at_once,
    p.moment_us / 1000000.0 AS time,
    c.first_packet,
    p.id AS connection_id,
    c.first_capture_id AS capture_id
FROM peaks AS p
JOIN sharding AS s ON s.pair = p.pair
JOIN spans AS h ON h.id = p.id AND h.origin = p.origin
JOIN connections AS c ON c.id = p.id
WHERE p.place = 1
ORDER BY p.most DESC, p.connections DESC, c.server_ip, c.server_port, c.client_ip, h.host
