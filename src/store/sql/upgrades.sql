-- title: What connections were switched to
-- tells: Each offer to upgrade and each CONNECT, its answer, and what went through the
--   tunnel after it.
-- read: declined offers cost a header; invalid and unsolicited ones are faults. A
--   ws_close_code of 1006 says that a WebSocket ended without a Close.
-- diff: host, offered, result, protocol | rows, bytes
SELECT
    COALESCE(e.time, t.time) AS time,
    e.host,
    e.method,
    e.target,
    e.upgrade_offered AS offered,
    e.upgrade_result AS result,
    e.status,
    COALESCE(t.protocol, e.upgrade_protocol) AS protocol,
    t.client_bytes,
    t.server_bytes,
    t.client_bytes + t.server_bytes AS bytes,
    (t.end_us - t.start_us) / 1000.0 AS open_ms,
    t.closed_by,
    t.idle_at_close_ms,
    t.ws_client_messages,
    t.ws_server_messages,
    t.ws_ping_rtt_mean_ms,
    t.ws_close_code AS ws_close_code,
    t.ws_close_by AS ws_close_by,
    t.tls_sni,
    t.tls_alpn,
    e.request_packet,
    e.response_packet,
    e.client_ip,
    e.client_port,
    e.server_ip,
    e.server_port,
    e.connection_id,
    e.ordinal,
    e.request_capture_id AS capture_id
FROM exchanges AS e
LEFT JOIN tunnels AS t ON t.exchange_id = e.id
WHERE e.upgrade_result IS NOT NULL OR e.upgrade_offered IS NOT NULL
    OR e.method = 'CONNECT'
ORDER BY e.id
