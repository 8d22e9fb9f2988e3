-- title: Exchanges
-- tells: Times in microseconds, each from the one before it: start from the start of the
--   connection, asked (the request's end), first and last (of the response).
-- texts: connection_id, method, host, target, state, pair_confidence
-- rows: 100000
WITH chosen AS (
    SELECT id
    FROM connections
    ORDER BY COALESCE(findings, 0) = 0 AND COALESCE(hol_us, 0) = 0
        AND COALESCE(open_result, '') NOT IN ('refused', 'unanswered'), id
    LIMIT 20000
)
SELECT
    e.connection_id, e.ordinal, e.method, e.host, SUBSTR(e.target, 1, 160) AS target,
    e.status, e.state, COALESCE(e.request_start_us, e.response_start_us) - c.start_us AS start,
    e.request_end_us - e.request_start_us AS asked,
    e.response_start_us - COALESCE(e.request_end_us, e.request_start_us,
        e.response_start_us) AS first,
    e.response_end_us - e.response_start_us AS last, COALESCE(e.hol_us, 0) AS hol, e.depth,
    e.request_packet, e.response_packet,
    e.request_body_bytes AS sent, e.response_body_bytes AS got, e.pair_confidence, e.findings
FROM exchanges AS e
JOIN connections AS c ON c.id = e.connection_id
JOIN chosen AS k ON k.id = e.connection_id
ORDER BY e.connection_id, e.ordinal
