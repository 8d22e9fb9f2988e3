-- title: How far the rows can be believed
-- tells: What each capture lost, and how sure the pairing of requests and responses is.
-- read: verdict is the worst that holds. What the capture lost can hide or cut exchanges;
--   NULL drops mean that the file does not tell.
-- diff: source | packets, missing_bytes, truncated, duplicate, midstream, one_sided, exact_percent
SELECT
    id AS capture_id,
    source,
    CASE
        WHEN damage IS NOT NULL THEN 'damaged: ' || damage
        WHEN COALESCE(kernel_dropped, 0) + COALESCE(interface_dropped, 0) > 0
            THEN 'packets were dropped while capturing'
        WHEN evicted_connections > 0 THEN 'connections were given up for memory'
        WHEN one_sided_connections > 0 THEN 'one direction only of some connections'
        WHEN missing_bytes > 0 THEN 'bytes are missing'
        WHEN ambiguous_pairs > 0 THEN 'some pairs are ambiguous'
        WHEN midstream_connections > 0 THEN 'begins in mid-connection'
        ELSE 'complete'
    END AS verdict,
    packets,
    connections,
    exchanges,
    ROUND(100.0 * exact_pairs / NULLIF(
        exact_pairs + inferred_pairs + ambiguous_pairs + orphan_responses, 0), 2)
        AS exact_percent,
    inferred_pairs AS inferred,
    ambiguous_pairs AS ambiguous,
    orphan_responses AS orphans,
    kernel_dropped,
    interface_dropped,
    truncated_packets AS truncated,
    undecoded_packets AS undecoded,
    duplicate_packets AS duplicate,
    bad_checksums,
    midstream_connections AS midstream,
    one_sided_connections AS one_sided,
    evicted_connections AS evicted,
    missing_bytes,
    time,
    end_us / 1000000.0 AS end_time
FROM captures
ORDER BY id
