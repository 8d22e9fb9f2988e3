-- title: The captures
-- tells: Where and when they were taken.
-- texts: id, source
-- rows: 500
SELECT
    id, source, start_us - (SELECT MIN(start_us) FROM captures) AS start,
    end_us - start_us AS length, exchanges, connections, start_us / 1000000.0 AS time
FROM captures
ORDER BY id
