-- title: What made bytes wait
-- tells: Per connection and direction: waits for lost segments, for a reader that took
--   nothing (window closed), and of small writes for a delayed ACK (Nagle).
-- read: side is who sent the bytes that waited. A closed window is the receiver's doing;
--   a small write waits because its sender writes in pieces without TCP_NODELAY.
-- param min_ms = 0: shorter stalls are left out
-- diff: kind, side, server_ip, server_port | rows, stall_ms
WITH small AS (
    SELECT connection_id, side, COUNT(*) AS times,
        MIN(packet_capture_id) AS capture_id, MIN(packet) AS packet, MIN(time) AS time
    FROM findings
    WHERE code = 'tcp_stalled_small_write'
    GROUP BY connection_id, side
),
found AS (
    SELECT
        id, time, 'loss' AS kind, 'client' AS side, client_retransmitted_segments AS times,
        client_stall_us AS stall_us, client_retransmitted_bytes AS bytes, first_packet AS packet,
        first_capture_id AS capture_id
    FROM connections
    WHERE client_stall_us > 0 OR client_retransmitted_segments > 0
    UNION ALL
    SELECT
        id, time, 'loss', 'server', server_retransmitted_segments,
        server_stall_us, server_retransmitted_bytes, first_packet,
        first_capture_id
    FROM connections
    WHERE server_stall_us > 0 OR server_retransmitted_segments > 0
    UNION ALL
    SELECT
        id, time, 'window closed', 'server', NULL, client_zero_window_us, NULL,
        first_packet, first_capture_id
    FROM connections
    WHERE client_zero_window_us > 0
    UNION ALL
    SELECT
        id, time, 'window closed', 'client', NULL, server_zero_window_us, NULL,
        first_packet, first_capture_id
    FROM connections
    WHERE server_zero_window_us > 0
    UNION ALL
    SELECT connection_id, time, 'small write', side, times, NULL, NULL, packet, capture_id
    FROM small
)
SELECT
    f.time,
    f.kind,
    f.side,
    f.stall_us / 1000.0 AS stall_ms,
    f.times AS segments,
    f.bytes,
    c.server_out_of_order_segments + c.client_out_of_order_segments AS out_of_order,
    c.synack_rtt_ms,
    c.client_ip,
    c.client_port,
    c.server_ip,
    c.server_port,
    c.exchanges,
    f.packet,
    c.last_packet,
    f.id AS connection_id,
    f.capture_id
FROM found AS f
JOIN connections AS c ON c.id = f.id
WHERE f.stall_us IS NULL OR f.stall_us >= :min_ms * 1000
ORDER BY f.stall_us DESC NULLS LAST, f.id, f.kind, f.side
