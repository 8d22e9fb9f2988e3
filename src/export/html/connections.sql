-- title: Connections
-- tells: Times in microseconds: start from the first capture's beginning, the others from
--   the connection's. Those with findings, blocking or a failed open come first when there
--   are more than are shown.
-- texts: id, capture_id, protocol, client_ip, server_ip, open_result, closed_by, close_kind, close_cause
-- rows: 20000
WITH chosen AS (
    SELECT id
    FROM connections
    ORDER BY COALESCE(findings, 0) = 0 AND COALESCE(hol_us, 0) = 0
        AND COALESCE(open_result, '') NOT IN ('refused', 'unanswered'), id
    LIMIT 20000
)
SELECT
    c.id, c.capture_id, c.protocol, c.client_ip, c.client_port, c.server_ip, c.server_port,
    c.start_us - (SELECT MIN(start_us) FROM captures) AS start,
    c.end_us - c.start_us AS length,
    c.handshake_us AS handshake, c.open_result, c.first_packet, c.last_packet,
    c.close_packet, c.max_depth, c.hol_us AS hol, c.closed_by, c.close_kind, c.close_cause,
    c.keepalive_timeout_s AS advertised, c.idle_at_close_us AS idle, c.findings
FROM connections AS c
JOIN chosen AS k ON k.id = c.id
ORDER BY c.id
