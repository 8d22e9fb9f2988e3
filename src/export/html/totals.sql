-- title: What was read
-- tells: Sums over all captures of the database.
SELECT
    COUNT(*) AS captures,
    SUM(packets) AS packets,
    SUM(bytes) AS bytes,
    (SELECT COUNT(*) FROM connections) AS connections,
    (SELECT COUNT(*) FROM exchanges) AS exchanges,
    (SELECT COUNT(*) FROM tunnels) AS tunnels,
    (SELECT COUNT(*) FROM findings) AS findings,
    MIN(start_us) / 1000000.0 AS time,
    MAX(end_us) / 1000000.0 AS end_time
FROM captures
