-- title: Connections that failed to open, or took long
-- tells: Refused and unanswered SYNs, handshakes with lost packets, slow handshakes.
-- read: handshake_ms counts from the first SYN: a lost one costs a second, the next two
--   more. synack_rtt_ms is the tap's way to the server and back, ack_rtt_ms to the client.
-- param slow_ms = 200: a handshake is slow from here
-- diff: verdict, server_ip, server_port | rows, syn_retransmits, synack_retransmits
SELECT
    time,
    CASE
        WHEN open_result = 'refused' THEN 'refused'
        WHEN open_result = 'unanswered' THEN 'unanswered'
        WHEN syn_retransmits > 0 THEN 'SYN sent again'
        WHEN synack_retransmits > 0 THEN 'SYN-ACK sent again'
        ELSE 'slow'
    END AS verdict,
    handshake_ms,
    synack_rtt_ms,
    ack_rtt_ms,
    syn_retransmits,
    synack_retransmits,
    client_ip,
    client_port,
    server_ip,
    server_port,
    exchanges,
    first_packet,
    last_packet,
    capture_id,
    id AS connection_id
FROM connections
WHERE open_kind = 'handshake'
    AND (open_result IN ('refused', 'unanswered') OR syn_retransmits > 0
        OR synack_retransmits > 0 OR handshake_us >= :slow_ms * 1000)
ORDER BY id
