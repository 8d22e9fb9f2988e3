-- title: Who closes idle connections, and after how long
-- tells: For each server and client the idle times after which connections were closed,
--   in clusters: a cluster of many closes at one length is somebody's timeout.
-- read: When the server's timeout is shorter than the client's, requests will race with
--   its FIN (see idle-race): let the client close first. survived_ms is the longest
--   idleness that was followed by another exchange.
-- param min_ms = 100: a close after a shorter idleness is an end, not a timeout
-- param spread_percent = 5: a gap this much longer than the one before it in order of
--   length begins a new cluster
-- diff: client_ip, server_ip, server_port, closed_by | closes, gap_median_ms, survived_ms
WITH gaps AS (
    SELECT id, client_ip, server_ip, server_port, closed_by, idle_at_close_us AS gap_us
    FROM connections
    WHERE close_cause = 'idle_timeout' AND closed_by IS NOT NULL
        AND idle_at_close_us >= :min_ms * 1000
),
marked AS (
    SELECT
        id, client_ip, server_ip, server_port, closed_by, gap_us,
        CASE
            WHEN gap_us * 100 <= 2000000 + (100 + :spread_percent) * LAG(gap_us) OVER (
                PARTITION BY client_ip, server_ip, server_port, closed_by
                ORDER BY gap_us, id) THEN 0
            ELSE 1
        END AS begins
    FROM gaps
),
numbered AS (
    SELECT
        id, client_ip, server_ip, server_port, closed_by, gap_us,
        SUM(begins) OVER (
            PARTITION BY client_ip, server_ip, server_port, closed_by
            ORDER BY gap_us, id ROWS UNBOUNDED PRECEDING) AS cluster
    FROM marked
),
ranked AS (
    SELECT
        id, client_ip, server_ip, server_port, closed_by, gap_us, cluster,
        ROW_NUMBER() OVER (
            PARTITION BY client_ip, server_ip, server_port, closed_by, cluster
            ORDER BY gap_us, id) AS place,
        COUNT(*) OVER (
            PARTITION BY client_ip, server_ip, server_port, closed_by, cluster) AS total
    FROM numbered
),
clusters AS (
    SELECT
        client_ip, server_ip, server_port, closed_by, cluster,
        COUNT(*) AS closes,
        MIN(gap_us) AS shortest_us,
        MIN(CASE WHEN place * 2 >= total THEN gap_us END) AS median_us,
        MAX(gap_us) AS longest_us,
        MIN(id) AS example
    FROM ranked
    GROUP BY client_ip, server_ip, server_port, closed_by, cluster
),
pairs AS (
    SELECT
        client_ip, server_ip, server_port,
        MAX(idle_max_us) AS survived_us,
        MIN(keepalive_timeout_s) AS advertised_s,
        SUM(close_cause IN ('idle_race', 'stale_reuse', 'late_reuse')) AS races
    FROM connections
    WHERE exchanges > 0
    GROUP BY client_ip, server_ip, server_port
),
timeouts AS (
    SELECT
        client_ip, server_ip, server_port,
        MIN(CASE WHEN closed_by = 'server' THEN median_us END) AS server_us,
        MAX(CASE WHEN closed_by = 'client' THEN median_us END) AS client_us
    FROM clusters
    GROUP BY client_ip, server_ip, server_port
)
SELECT
    k.client_ip,
    k.server_ip,
    k.server_port,
    k.closed_by,
    k.closes,
    k.shortest_us / 1000.0 AS gap_min_ms,
    k.median_us / 1000.0 AS gap_median_ms,
    k.longest_us / 1000.0 AS gap_max_ms,
    p.survived_us / 1000.0 AS survived_ms,
    p.advertised_s,
    CASE
        WHEN t.server_us < p.advertised_s * 1000000
            THEN 'the server closes before the timeout it advertises'
        WHEN p.races > 0 THEN 'requests raced with the server''s close: see idle-race'
        WHEN t.server_us IS NULL THEN 'the client closes first'
        WHEN t.client_us < t.server_us THEN 'client below server: as it should be'
        ELSE 'server below client: requests can race with its close'
    END AS verdict,
    e.time,
    e.close_packet,
    k.example AS connection_id,
    e.close_capture_id AS capture_id
FROM clusters AS k
JOIN pairs AS p
    ON p.client_ip = k.client_ip AND p.server_ip = k.server_ip
    AND p.server_port = k.server_port
JOIN timeouts AS t
    ON t.client_ip = k.client_ip AND t.server_ip = k.server_ip
    AND t.server_port = k.server_port
JOIN connections AS e ON e.id = k.example
ORDER BY k.server_ip, k.server_port, k.client_ip, k.closed_by DESC, k.median_us
