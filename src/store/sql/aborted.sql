-- title: Exchanges that somebody cut off
-- tells: Requests and responses that did not end where they should: who ended the
--   connection, at which byte, and after how long.
-- read: Many cuts at one elapsed time (a cluster of several) are a timeout: look for that
--   number in the configuration of whoever closed. Requests lost to an idle close are
--   in idle-race. What only the capture lost, on a connection that nobody aborted, is
--   left out: trust counts it in missing_bytes.
-- param spread_percent = 5: how far apart the times of one cluster may be
-- diff: state, closed_by, server_ip, server_port, host | rows
WITH cut AS MATERIALIZED (
    SELECT
        e.id, e.time, e.connection_id, e.ordinal, e.host, e.method, e.target, e.status,
        e.state, c.closed_by, c.close_kind, c.close_cause, c.close_packet,
        c.close_capture_id, e.request_packet, e.response_packet, e.request_declared_bytes,
        e.request_body_bytes, e.response_body_bytes, e.response_declared_bytes,
        c.client_ip, c.client_port, c.server_ip, c.server_port,
        c.end_us - e.request_start_us AS elapsed_us
    FROM exchanges AS e
    JOIN connections AS c ON c.id = e.connection_id
    WHERE e.state IN ('no_response', 'request_incomplete', 'response_incomplete')
        AND c.close_kind IN ('fin', 'rst')
        AND (e.expect_outcome IS NULL OR e.expect_outcome <> 'rejected')
        AND NOT (e.state = 'no_response'
            AND c.close_cause IN ('idle_race', 'stale_reuse', 'late_reuse'))
        AND (c.close_cause = 'aborted' OR CASE e.state
            WHEN 'request_incomplete' THEN c.client_missing_bytes
            ELSE c.server_missing_bytes END = 0)
),
marked AS (
    SELECT
        id, server_ip, server_port, closed_by, elapsed_us,
        CASE
            WHEN elapsed_us * 100 <= 2000000 + (100 + :spread_percent)
                * LAG(elapsed_us) OVER (
                    PARTITION BY server_ip, server_port, closed_by
                    ORDER BY elapsed_us, id) THEN 0
            ELSE 1
        END AS begins
    FROM cut
),
numbered AS (
    SELECT
        id, server_ip, server_port, closed_by, elapsed_us,
        SUM(begins) OVER (
            PARTITION BY server_ip, server_port, closed_by
            ORDER BY elapsed_us, id ROWS UNBOUNDED PRECEDING) AS cluster
    FROM marked
),
clusters AS (
    SELECT
        id,
        COUNT(*) OVER (PARTITION BY server_ip, server_port, closed_by, cluster) AS many,
        MIN(elapsed_us) OVER (
            PARTITION BY server_ip, server_port, closed_by, cluster) AS shortest_us
    FROM numbered
)
SELECT
    x.time,
    x.state,
    x.closed_by,
    x.close_kind,
    x.close_cause,
    x.host,
    x.method,
    x.target,
    x.status,
    CASE WHEN x.state = 'request_incomplete' THEN x.request_body_bytes
        ELSE x.response_body_bytes END AS at_byte,
    CASE WHEN x.state = 'request_incomplete' THEN x.request_declared_bytes
        ELSE x.response_declared_bytes END AS of_bytes,
    x.elapsed_us / 1000.0 AS elapsed_ms,
    k.many AS cluster_size,
    k.shortest_us / 1000.0 AS cluster_from_ms,
    x.request_packet,
    x.response_packet,
    x.close_packet,
    x.client_ip,
    x.client_port,
    x.server_ip,
    x.server_port,
    x.connection_id,
    x.ordinal,
    x.close_capture_id AS capture_id
FROM cut AS x
JOIN clusters AS k ON k.id = x.id
ORDER BY x.id
