-- title: Requests sent ahead of responses, and what held them up
-- tells: Connections on which a request went out before earlier responses were known to
--   the client: how deep, how long responses blocked the ones behind them, and which
--   exchange did it most.
-- read: hol_ms is the time that complete requests stood behind earlier responses. The
--   head is the exchange that owned the line for most of it: head_blame_ms, over
--   head_held requests. Depth is told by acknowledgments, not by the clock.
-- diff: client_ip, server_ip, server_port | pipelined_requests, max_depth, hol_ms
WITH RECURSIVE line AS MATERIALIZED (
    SELECT
        e.connection_id, e.ordinal, e.depth, e.request_end_us, e.response_end_us,
        e.request_packet, e.response_packet, e.target, e.wait_ms,
        LAG(e.response_end_us) OVER (
            PARTITION BY e.connection_id ORDER BY e.ordinal) AS line_free_us
    FROM exchanges AS e
    JOIN connections AS c ON c.id = e.connection_id
    WHERE c.max_depth >= 2
),
behind AS MATERIALIZED (
    SELECT connection_id, ordinal, depth, request_end_us
    FROM line
    WHERE depth >= 2
),
steps AS (
    SELECT 1 AS step
    UNION ALL
    SELECT step + 1 FROM steps WHERE step + 1 < (SELECT MAX(depth) FROM behind)
),
parts AS (
    SELECT
        h.connection_id, h.ordinal,
        h.response_end_us - CASE
            WHEN h.line_free_us > b.request_end_us THEN h.line_free_us
            ELSE b.request_end_us END AS held_us
    FROM behind AS b
    JOIN steps AS s ON s.step < b.depth
    JOIN line AS h ON h.connection_id = b.connection_id AND h.ordinal = b.ordinal - s.step
),
blames AS (
    SELECT connection_id, ordinal, SUM(held_us) AS blame_us, COUNT(*) AS held
    FROM parts
    WHERE held_us > 0
    GROUP BY connection_id, ordinal
),
-- Each connection once more without a head, so that none is lost that has none.
candidates AS (
    SELECT connection_id, ordinal, blame_us, held FROM blames
    UNION ALL
    SELECT DISTINCT connection_id, NULL, NULL, NULL FROM line
),
heads AS (
    SELECT
        connection_id, ordinal, blame_us, held,
        ROW_NUMBER() OVER (
            PARTITION BY connection_id ORDER BY blame_us DESC, ordinal) AS place
    FROM candidates
)
SELECT
    c.time,
    c.client_ip,
    c.client_port,
    c.server_ip,
    c.server_port,
    c.exchanges,
    c.max_depth,
    c.pipelined_requests,
    c.hol_ms,
    l.target AS head_target,
    l.request_packet AS head_request_packet,
    l.response_packet AS head_response_packet,
    l.wait_ms AS head_wait_ms,
    h.blame_us / 1000.0 AS head_blame_ms,
    h.held AS head_held,
    c.first_packet,
    c.id AS connection_id,
    c.first_capture_id AS capture_id
FROM heads AS h
JOIN connections AS c ON c.id = h.connection_id
LEFT JOIN line AS l ON l.connection_id = h.connection_id AND l.ordinal = h.ordinal
WHERE h.place = 1
ORDER BY c.hol_ms DESC, c.id
