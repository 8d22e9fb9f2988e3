-- title: Exchanges per connection
-- tells: How many connections carried so many exchanges, and how many exchanges those were.
-- chart: columns label=exchanges_each series=connections,exchanges
-- section: reuse
WITH spread AS (
    SELECT
        exchanges,
        CASE
            WHEN exchanges <= 2 THEN exchanges WHEN exchanges <= 5 THEN 3
            WHEN exchanges <= 10 THEN 6 WHEN exchanges <= 20 THEN 11
            WHEN exchanges <= 50 THEN 21 WHEN exchanges <= 100 THEN 51
            WHEN exchanges <= 1000 THEN 101 ELSE 1001
        END AS slot
    FROM connections
)
SELECT
    CASE slot WHEN 0 THEN '0' WHEN 1 THEN '1' WHEN 2 THEN '2' WHEN 3 THEN '3–5'
        WHEN 6 THEN '6–10' WHEN 11 THEN '11–20' WHEN 21 THEN '21–50' WHEN 51 THEN '51–100'
        WHEN 101 THEN '101–1000' ELSE 'over 1000' END AS exchanges_each,
    COUNT(*) AS connections,
    SUM(exchanges) AS exchanges
FROM spread
GROUP BY slot
ORDER BY slot
