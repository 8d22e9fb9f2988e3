-- title: Connections and requests open at once
-- tells: For each of 150 slots of a capture's time, the most connections established and
--   the most requests under way at one instant in it. at_ms counts from the capture's
--   beginning. The twelve captures with the most exchanges.
-- chart: steps label=at_ms series=connections,requests group=capture
-- section: concurrency
-- rows: 2000
WITH RECURSIVE picked AS (
    SELECT id, source, start_us, end_us - start_us + 1 AS span_us
    FROM captures
    WHERE end_us > start_us
    ORDER BY exchanges DESC, id
    LIMIT 12
),
slots AS (
    SELECT 0 AS slot
    UNION ALL
    SELECT slot + 1 FROM slots WHERE slot < 149
),
events AS (
    SELECT capture_id, 0 AS kind, start_us AS at_us, 1 AS change FROM connections
    WHERE open_result IS NULL OR open_result = 'established'
    UNION ALL
    SELECT capture_id, 0, end_us, -1 FROM connections
    WHERE open_result IS NULL OR open_result = 'established'
    UNION ALL
    SELECT request_capture_id, 1, request_start_us, 1 FROM exchanges
    WHERE request_start_us IS NOT NULL AND response_end_us >= request_start_us
    UNION ALL
    SELECT request_capture_id, 1, response_end_us, -1 FROM exchanges
    WHERE request_start_us IS NOT NULL AND response_end_us >= request_start_us
),
levels AS (
    SELECT
        e.capture_id, e.kind, (e.at_us - p.start_us) * 150 / p.span_us AS slot,
        SUM(e.change) OVER (
            PARTITION BY e.capture_id, e.kind
            ORDER BY e.at_us, e.change DESC ROWS UNBOUNDED PRECEDING) AS level,
        e.change
    FROM events AS e
    JOIN picked AS p ON p.id = e.capture_id
),
peaks AS MATERIALIZED (
    SELECT capture_id, kind, slot, MAX(level) AS most, SUM(change) AS change
    FROM levels
    GROUP BY capture_id, kind, slot
),
grid AS (
    SELECT
        p.id, p.source, p.span_us, s.slot, k.kind,
        COALESCE(x.most, 0) AS most,
        COALESCE(SUM(x.change) OVER (
            PARTITION BY p.id, k.kind ORDER BY s.slot
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM picked AS p
    CROSS JOIN slots AS s
    CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1) AS k
    LEFT JOIN peaks AS x ON x.capture_id = p.id AND x.slot = s.slot AND x.kind = k.kind
)
SELECT
    source AS capture,
    ROUND(span_us * slot / 150000.0, 3) AS at_ms,
    MAX(CASE WHEN kind = 0 THEN MAX(most, before) END) AS connections,
    MAX(CASE WHEN kind = 1 THEN MAX(most, before) END) AS requests
FROM grid
GROUP BY id, source, span_us, slot
ORDER BY id, slot
