-- title: Idle gaps against advertised timeouts
-- tells: Per server, the idle times that were followed by another exchange, those that
--   ended in a close by either side, and the Keep-Alive timeout it advertised. Gaps that
--   end at the server's close just below gaps that were used again are where requests race.
-- chart: ranges label=server,kind from=from_ms middle=median_ms to=to_ms
-- section: idle-timeouts
-- rows: 48
WITH servers AS MATERIALIZED (
    SELECT server_ip, server_port, COUNT(*) AS many, MIN(keepalive_timeout_s) AS advertised_s
    FROM connections
    WHERE exchanges > 0
    GROUP BY server_ip, server_port
    ORDER BY MIN(keepalive_timeout_s) IS NULL, many DESC, server_ip, server_port
    LIMIT 12
),
gaps AS (
    SELECT e.server_ip, e.server_port, 1 AS place, 'used again' AS kind,
        e.idle_before_us AS gap_us
    FROM exchanges AS e
    WHERE e.idle_before_us > 0 AND e.ordinal > 1 AND e.response_packet IS NOT NULL
    UNION ALL
    SELECT server_ip, server_port, CASE closed_by WHEN 'server' THEN 2 ELSE 3 END,
        'closed by ' || closed_by, idle_at_close_us
    FROM connections
    WHERE close_cause IN ('idle_timeout', 'idle_race', 'stale_reuse', 'late_reuse')
        AND idle_at_close_us > 0 AND closed_by IN ('server', 'client')
    UNION ALL
    SELECT server_ip, server_port, 4, 'advertised', advertised_s * 1000000
    FROM servers
    WHERE advertised_s IS NOT NULL
),
ranked AS (
    SELECT
        g.server_ip, g.server_port, g.place, g.kind, g.gap_us, s.many, s.advertised_s,
        ROW_NUMBER() OVER (
            PARTITION BY g.server_ip, g.server_port, g.place ORDER BY g.gap_us) AS nth,
        COUNT(*) OVER (PARTITION BY g.server_ip, g.server_port, g.place) AS total
    FROM gaps AS g
    JOIN servers AS s ON s.server_ip = g.server_ip AND s.server_port = g.server_port
)
SELECT
    server_ip || ' port ' || server_port AS server,
    kind,
    COUNT(*) AS gaps,
    MIN(gap_us) / 1000.0 AS from_ms,
    MIN(CASE WHEN nth * 2 >= total THEN gap_us END) / 1000.0 AS median_ms,
    MAX(gap_us) / 1000.0 AS to_ms
FROM ranked
GROUP BY server_ip, server_port, place, kind
ORDER BY advertised_s IS NULL, many DESC, server_ip, server_port, place
