-- title: Messages whose length can be read in two ways
-- tells: Everything about where a message ends that two programs might see differently,
--   and each proof that they did: the signs of request smuggling and response splitting.
-- read: attack is a known attack's shape or a proof (desync_...); warning is a fault.
--   Look at the exchange in the packets named, and at the one after it.
-- param infos = 0: 1 shows what is unusual but allowed too
-- diff: code, server_ip, server_port | rows
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
FROM findings AS f
LEFT JOIN exchanges AS e
    ON e.connection_id = f.connection_id AND e.ordinal = f.exchange_ordinal
WHERE (f.severity <> 'info' OR :infos > 0)
    AND (f.code LIKE 'length%' OR f.code LIKE 'coding%' OR f.code LIKE 'chunk%'
        OR f.code LIKE 'desync%' OR f.code LIKE 'line%'
        OR f.code IN ('response_split', 'body_unexpected', 'trailer_forbidden',
            'field_space_before_colon', 'field_first_indented', 'field_folded',
            'end_to_end_listed', 'optimistic_answered', 'connect_kept_open'))
ORDER BY f.id
