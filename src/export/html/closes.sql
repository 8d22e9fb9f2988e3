-- title: Close causes, over all servers
-- tells: How many connections ended for each cause, by the side that closed first.
-- chart: bars label=cause series=client,server,both,unknown
-- section: close-causes
SELECT
    COALESCE(close_cause, CASE WHEN state = 'open' THEN 'still open' ELSE 'not known' END)
        AS cause,
    SUM(CASE WHEN closed_by = 'client' THEN 1 ELSE 0 END) AS client,
    SUM(CASE WHEN closed_by = 'server' THEN 1 ELSE 0 END) AS server,
    SUM(CASE WHEN closed_by = 'both' THEN 1 ELSE 0 END) AS both,
    SUM(CASE WHEN closed_by IS NULL THEN 1 ELSE 0 END) AS unknown
FROM connections
GROUP BY cause
ORDER BY COUNT(*) DESC, cause
