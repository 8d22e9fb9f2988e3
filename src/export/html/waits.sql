-- title: How long responses were waited for
-- tells: wait counts from the end of the request to the first byte of its response;
--   unblocked is the same without the time behind earlier responses. A slot reaches up to
--   the next one.
-- chart: columns label=slot series=wait,unblocked
-- section: time
WITH spans AS MATERIALIZED (
    SELECT 0 AS kind, wait_us AS us FROM exchanges WHERE wait_us IS NOT NULL
    UNION ALL
    SELECT 1, CASE WHEN depth >= 2 THEN service_us ELSE wait_us END FROM exchanges
    WHERE wait_us IS NOT NULL
),
slots AS (
    SELECT
        kind,
        CASE
            WHEN us < 10 THEN 0
            WHEN us < 20 THEN 10
            WHEN us < 50 THEN 20
            WHEN us < 100 THEN 50
            WHEN us < 200 THEN 100
            WHEN us < 500 THEN 200
            WHEN us < 1000 THEN 500
            WHEN us < 2000 THEN 1000
            WHEN us < 5000 THEN 2000
            WHEN us < 10000 THEN 5000
            WHEN us < 20000 THEN 10000
            WHEN us < 50000 THEN 20000
            WHEN us < 100000 THEN 50000
            WHEN us < 200000 THEN 100000
            WHEN us < 500000 THEN 200000
            WHEN us < 1000000 THEN 500000
            WHEN us < 2000000 THEN 1000000
            WHEN us < 5000000 THEN 2000000
            WHEN us < 10000000 THEN 5000000
            WHEN us < 20000000 THEN 10000000
            WHEN us < 50000000 THEN 20000000
            WHEN us < 100000000 THEN 50000000
            ELSE 100000000
        END AS from_us
    FROM spans
)
SELECT
    CASE WHEN from_us = 0 THEN '0' WHEN from_us < 1000 THEN from_us || ' µs'
        WHEN from_us < 1000000 THEN (from_us / 1000) || ' ms'
        ELSE (from_us / 1000000) || ' s' END AS slot,
    SUM(CASE WHEN kind = 0 THEN 1 ELSE 0 END) AS wait,
    SUM(CASE WHEN kind = 1 THEN 1 ELSE 0 END) AS unblocked
FROM slots
GROUP BY from_us
ORDER BY from_us
