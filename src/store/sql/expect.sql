-- title: Requests that asked before sending their body
-- tells: What became of each Expect: 100-continue, and what the asking cost or saved.
-- read: rejected saved saved_bytes of body; impatient sent the body after waiting
--   wait_ms in vain: the server never answers, and every such request is that much
--   slower.
-- diff: host, outcome | rows, wait_ms, saved_bytes
SELECT
    time,
    host,
    method,
    target,
    expect_outcome AS outcome,
    expect_wait_ms AS wait_ms,
    first_interim_status AS interim,
    status,
    request_declared_bytes AS declared_bytes,
    request_body_bytes AS sent_bytes,
    expect_saved_bytes AS saved_bytes,
    request_packet,
    response_packet,
    client_ip,
    client_port,
    server_ip,
    server_port,
    connection_id,
    ordinal,
    request_capture_id AS capture_id
FROM exchanges
WHERE expect_outcome IS NOT NULL
ORDER BY id
