-- title: Bytes of the next protocol sent before the switch was agreed
-- tells: Exchanges whose client went on in the new protocol before it could know that
--   the server would (RFC 9931).
-- read: granted: the client saved a round trip. refused: the server may read those bytes
--   as requests. answered: it did, which is request smuggling.
-- diff: host, verdict | rows, optimistic_bytes
WITH marks AS (
    SELECT
        connection_id, exchange_ordinal,
        MAX(CASE WHEN code = 'optimistic_answered' THEN 1 ELSE 0 END) AS is_answered,
        MAX(CASE WHEN code = 'connect_kept_open' THEN 1 ELSE 0 END) AS is_kept,
        MAX(CASE WHEN code = 'optimistic_refused' THEN 1 ELSE 0 END) AS is_refused,
        MIN(packet) AS packet
    FROM findings
    WHERE code IN ('optimistic_data', 'optimistic_answered', 'optimistic_refused',
        'connect_kept_open')
    GROUP BY connection_id, exchange_ordinal
)
SELECT
    e.time,
    e.host,
    e.method,
    e.target,
    CASE
        WHEN m.is_answered = 1 THEN 'answered as HTTP'
        WHEN m.is_kept = 1 THEN 'refused, and the connection went on'
        WHEN m.is_refused = 1 THEN 'refused'
        WHEN e.upgrade_result IN ('switched', 'tunnel') THEN 'granted'
        ELSE 'open'
    END AS verdict,
    e.optimistic_bytes,
    e.status,
    e.upgrade_offered AS offered,
    e.request_packet,
    m.packet AS optimistic_packet,
    e.response_packet,
    e.client_ip,
    e.client_port,
    e.server_ip,
    e.server_port,
    e.connection_id,
    e.ordinal,
    e.request_capture_id AS capture_id
FROM exchanges AS e
LEFT JOIN marks AS m
    ON m.connection_id = e.connection_id AND m.exchange_ordinal = e.ordinal
WHERE e.optimistic_bytes > 0
ORDER BY e.id
