-- title: Messages whose length can be read in two ways
-- tells: Everything about where a message ends that two programs might see differently,
--   and each proof that they did: the signs of request smuggling and response splitting.
-- read: attack is a known attack's shape or a proof (desync_...); warning is a fault.
--   Look at the exchange in the packets named, and at the one after it.
-- param infos = 0: 1 shows what is unusual but allowed too
-- diff: code, server_ip, server_port | rows
WITH noted AS MATERIALIZED (
    SELECT *
    FROM findings
    WHERE (severity <> 'info' OR :infos > 0)
        AND (code LIKE 'length%' OR code LIKE 'coding%' OR code LIKE 'chunk%'
            OR code LIKE 'desync%' OR code LIKE 'line%'
            OR code IN ('response_split', 'body_unexpected', 'trailer_forbidden',
                'field_space_before_colon', 'field_first_indented', 'field_folded',
                'end_to_end_listed', 'optimistic_answered', 'connect_kept_open'))
),
-- Joined for itself: a LEFT JOIN would unfold every exchange there is for these few.
met AS MATERIALIZED (
    SELECT
        n.id, e.host, e.method, e.target, e.status, e.request_packet, e.response_packet
    FROM noted AS n
    JOIN exchanges AS e
        ON e.connection_id = n.connection_id AND e.ordinal = n.exchange_ordinal
)
SELECT
    f.time,
    f.severity,
    f.code,
    f.title,
    f.side,
    f.evidence,
    f.packet,
    f.packet_capture_id AS capture_id,
    f.stream_offset,
    f.exchange_ordinal AS ordinal,
    e.host,
    e.method,
    e.target,
    e.status,
    e.request_packet,
    e.response_packet,
    f.client_ip,
    f.client_port,
    f.server_ip,
    f.server_port,
    f.connection_id
FROM noted AS f
LEFT JOIN met AS e ON e.id = f.id
ORDER BY f.id
