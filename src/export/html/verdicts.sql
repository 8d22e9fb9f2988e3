-- title: The verdicts
-- tells: What matters most, worst first. Each names a packet that shows it and the
--   question that tells more.
WITH
lost AS (
    SELECT COUNT(*) AS n, MIN(time_us), connection_id, packet
    FROM findings WHERE code IN ('idle_race', 'stale_reuse', 'late_reuse')
),
attack AS (
    SELECT COUNT(*) AS n, MIN(time_us), connection_id, packet, title
    FROM findings WHERE severity = 'attack'
),
desync AS (
    SELECT COUNT(*) AS n, MIN(time_us), connection_id, packet, title
    FROM findings WHERE code LIKE 'desync%' AND severity <> 'info'
),
warning AS (
    SELECT COUNT(*) AS n, COUNT(DISTINCT code) AS codes, MIN(time_us), connection_id, packet
    FROM findings WHERE severity = 'warning'
        AND code NOT IN ('idle_race', 'stale_reuse', 'late_reuse', 'keepalive_broken_promise')
),
promise AS (
    SELECT COUNT(*) AS n, MIN(time_us), connection_id, packet
    FROM findings WHERE code = 'keepalive_broken_promise'
),
unopened AS (
    SELECT COUNT(*) AS n, SUM(CASE WHEN open_result = 'refused' THEN 1 ELSE 0 END) AS refused,
        MIN(id) AS connection_id, first_packet AS packet
    FROM connections WHERE open_result IN ('refused', 'unanswered')
),
conns AS (
    SELECT
        SUM(CASE WHEN exchanges > 0 THEN 1 ELSE 0 END) AS used,
        SUM(CASE WHEN exchanges = 1 THEN 1 ELSE 0 END) AS once,
        SUM(exchanges) AS exchanges,
        MAX(exchanges) AS most,
        SUM(pipelined_requests) AS ahead,
        MAX(max_depth) AS depth,
        SUM(hol_us) AS hol_us,
        SUM(CASE WHEN COALESCE(client_stall_us, 0) + COALESCE(server_stall_us, 0) > 0
            THEN 1 ELSE 0 END) AS stalled,
        SUM(COALESCE(client_stall_us, 0) + COALESCE(server_stall_us, 0)) AS stall_us
    FROM connections
),
blocked AS (
    SELECT MAX(hol_us) AS hol_us, id AS connection_id, first_packet AS packet
    FROM connections WHERE hol_us > 0
),
stalled AS (
    SELECT MAX(COALESCE(client_stall_us, 0) + COALESCE(server_stall_us, 0)) AS worst_us,
        id AS connection_id, first_packet AS packet
    FROM connections
),
waits AS MATERIALIZED (
    SELECT id, wait_us FROM exchanges WHERE wait_us IS NOT NULL
),
slow AS (
    SELECT
        (SELECT COUNT(*) FROM waits) AS n,
        (SELECT wait_us FROM waits ORDER BY wait_us LIMIT 1
            OFFSET (SELECT (COUNT(*) - 1) / 2 FROM waits)) AS p50_us,
        (SELECT wait_us FROM waits ORDER BY wait_us LIMIT 1
            OFFSET (SELECT (COUNT(*) - 1) * 95 / 100 FROM waits)) AS p95_us,
        (SELECT MAX(wait_us) FROM waits) AS max_us,
        (SELECT id FROM waits ORDER BY wait_us DESC, id LIMIT 1) AS id
),
slowest AS (
    SELECT e.connection_id, e.request_packet AS packet, e.method, e.target
    FROM slow AS s JOIN exchanges AS e ON e.id = s.id
),
failed AS (
    SELECT COUNT(*) AS n, MIN(id), connection_id, response_packet AS packet
    FROM exchanges WHERE status >= 500
),
cut AS (
    SELECT COUNT(*) AS n, MIN(time), connection_id,
        COALESCE(request_packet, response_packet) AS packet
    FROM ask_aborted
),
total AS (SELECT COUNT(*) AS n FROM exchanges),
trust AS (
    SELECT COUNT(*) AS n, SUM(CASE WHEN verdict = 'complete' THEN 0 ELSE 1 END) AS partial,
        SUM(CASE WHEN verdict LIKE '%dropped%' OR verdict LIKE 'damaged%'
            OR verdict LIKE '%memory' THEN 1 ELSE 0 END) AS lossy,
        SUM(missing_bytes) AS missing,
        MIN(CASE WHEN verdict <> 'complete' THEN verdict END) AS example
    FROM ask_trust
)
SELECT CASE WHEN lossy > 0 THEN 3 WHEN partial > 0 THEN 2 ELSE 0 END AS weight,
    'Trust' AS label,
    CASE WHEN partial = 0 THEN 'complete' ELSE partial || ' of ' || n END AS figure,
    CASE WHEN partial = 0 THEN 'No sign that the captures lost anything.'
        ELSE 'Captures that are not complete, for example: ' || example
            || '. What was lost can hide or cut exchanges.' END AS says,
    'trust' AS question, NULL AS connection_id, NULL AS packet
FROM trust
UNION ALL
SELECT CASE WHEN n > 0 THEN 3 ELSE 0 END, 'Lost requests', n,
    CASE WHEN n > 0 THEN 'Requests that went into a connection which the server had closed, '
        || 'or closed meanwhile: the client saw a reset or no answer.'
        ELSE 'No request was lost to a closing connection.' END,
    'idle-race', connection_id, packet
FROM lost
UNION ALL
SELECT 3, 'Desynchronised', n,
    'Proof that two sides counted requests differently: ' || title || '.',
    'framing', connection_id, packet
FROM desync WHERE n > 0
UNION ALL
SELECT CASE WHEN n > 0 THEN 3 ELSE 0 END, 'Attack shapes', n,
    CASE WHEN n > 0 THEN 'Findings with the shape of a known attack; the first: ' || title || '.'
        ELSE 'Nothing has the shape of a known attack, and nothing is desynchronised.' END,
    'framing', connection_id, packet
FROM attack
UNION ALL
SELECT 3, 'Failed connects', n,
    'Connections that never opened: ' || refused || ' refused, ' || (n - refused)
        || ' without an answer.',
    'connects', connection_id, packet
FROM unopened WHERE n > 0
UNION ALL
SELECT 3, 'Server errors', f.n,
    'Answered by a 5xx status: ' || ROUND(100.0 * f.n / t.n, 2) || ' % of all exchanges.',
    'hosts', f.connection_id, f.packet
FROM failed AS f, total AS t WHERE f.n > 0
UNION ALL
SELECT 3, 'Cut exchanges', n,
    'Requests or responses that somebody cut off before they ended, or that were never '
        || 'answered.',
    'aborted', connection_id, packet
FROM cut WHERE n > 0
UNION ALL
SELECT 3, 'Broken promises', n,
    'Connections that a server closed earlier than the Keep-Alive it had advertised.',
    'idle-timeouts', connection_id, packet
FROM promise WHERE n > 0
UNION ALL
SELECT 2, 'Warnings', n,
    'Other faults of ' || codes || ' kinds: see the findings.',
    'findings', connection_id, packet
FROM warning WHERE n > 0
UNION ALL
SELECT 2, 'Blocked behind others', ROUND(c.hol_us / 1000.0, 1) || ' ms',
    'Requests stood complete behind earlier responses on pipelined connections; '
        || c.ahead || ' requests were sent ahead, up to ' || c.depth || ' deep.',
    'pipelining', b.connection_id, b.packet
FROM conns AS c, blocked AS b WHERE c.hol_us > 0
UNION ALL
SELECT 2, 'Loss held data up', ROUND(c.stall_us / 1000.0, 1) || ' ms',
    'Data waited for retransmissions on ' || c.stalled || ' connections; the worst for '
        || ROUND(s.worst_us / 1000.0, 1) || ' ms.',
    'stalls', s.connection_id, s.packet
FROM conns AS c, stalled AS s WHERE c.stall_us > 0
UNION ALL
SELECT 1, 'Slowest wait', ROUND(s.max_us / 1000.0, 1) || ' ms',
    'Half of the responses began within ' || ROUND(s.p50_us / 1000.0, 2) || ' ms, 95 % within '
        || ROUND(s.p95_us / 1000.0, 2) || ' ms. The slowest: ' || COALESCE(w.method, '?') || ' '
        || SUBSTR(COALESCE(w.target, '?'), 1, 60) || '.',
    'time', w.connection_id, w.packet
FROM slow AS s, slowest AS w WHERE s.n > 0
UNION ALL
SELECT 1, 'Reuse', ROUND(100.0 * (exchanges - used) / exchanges, 1) || ' %',
    'of the exchanges came over a connection already used. ' || once || ' of ' || used
        || ' connections carried one only; the busiest ' || most || '.',
    'reuse', NULL, NULL
FROM conns WHERE exchanges > 0 AND exchanges >= used
ORDER BY 1 DESC
