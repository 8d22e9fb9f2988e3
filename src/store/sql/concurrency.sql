-- title: How many connections at once
-- tells: Per client and origin (server, port, host): the most connections established at
--   one instant, and how long there were more than a browser would open.
-- read: The packet is the first of the connection that made it the most. hosts_at_once
--   above 1 is sharding: one server under several names at the same time.
-- param usual_max = 6: what browsers open to one origin
-- diff: client_ip, server_ip, server_port, host | connections, most_at_once, over_ms
WITH homes AS (
    SELECT connection_id, host
    FROM exchanges
    WHERE request_packet IS NOT NULL
    GROUP BY connection_id, host
),
spans AS MATERIALIZED (
    SELECT
        c.client_ip, c.server_ip, c.server_port, h.host, c.id,
        c.start_us + COALESCE(c.handshake_us, 0) AS opened_us, c.end_us AS closed_us
    FROM connections AS c
    JOIN homes AS h ON h.connection_id = c.id
),
events AS (
    SELECT client_ip, server_ip, server_port, host, id, opened_us AS moment_us, 1 AS change
    FROM spans
    UNION ALL
    SELECT client_ip, server_ip, server_port, host, id, closed_us, -1
    FROM spans
),
levels AS MATERIALIZED (
    SELECT
        client_ip, server_ip, server_port, host, id, moment_us, change,
        SUM(change) OVER (
            PARTITION BY client_ip, server_ip, server_port, host
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS level,
        LEAD(moment_us) OVER (
            PARTITION BY client_ip, server_ip, server_port, host
            ORDER BY moment_us, change, id) - moment_us AS lasts_us
    FROM events
),
peaks AS (
    SELECT
        client_ip, server_ip, server_port, host, id, moment_us, level,
        ROW_NUMBER() OVER (
            PARTITION BY client_ip, server_ip, server_port, host
            ORDER BY level DESC, moment_us, id) AS place
    FROM levels
),
totals AS (
    SELECT
        client_ip, server_ip, server_port, host,
        SUM(CASE WHEN change = 1 THEN 1 ELSE 0 END) AS connections,
        SUM(CASE WHEN level > :usual_max THEN lasts_us ELSE 0 END) AS over_us
    FROM levels
    GROUP BY client_ip, server_ip, server_port, host
),
shards AS (
    SELECT
        client_ip, server_ip,
        SUM(change) OVER (
            PARTITION BY client_ip, server_ip
            ORDER BY moment_us, change, id ROWS UNBOUNDED PRECEDING) AS hosts
    FROM levels
    WHERE (change = 1 AND level = 1) OR (change = -1 AND level = 0)
),
sharding AS (
    SELECT client_ip, server_ip, MAX(hosts) AS hosts_at_once
    FROM shards
    GROUP BY client_ip, server_ip
)
SELECT
    p.client_ip,
    p.server_ip,
    p.server_port,
    p.host,
    t.connections,
    p.level AS most_at_once,
    t.over_us / 1000.0 AS over_ms,
    s.hosts_at_once,
    p.moment_us / 1000000.0 AS time,
    c.first_packet,
    p.id AS connection_id,
    c.first_capture_id AS capture_id
FROM peaks AS p
JOIN totals AS t
    ON t.client_ip = p.client_ip AND t.server_ip = p.server_ip
    AND t.server_port = p.server_port AND COALESCE(t.host, '') = COALESCE(p.host, '')
JOIN sharding AS s ON s.client_ip = p.client_ip AND s.server_ip = p.server_ip
JOIN connections AS c ON c.id = p.id
WHERE p.place = 1
ORDER BY p.level DESC, t.connections DESC, p.server_ip, p.server_port, p.client_ip, p.host
