-- title: Findings
-- tells: What was unusual or wrong, by kind: attack is a known attack's shape or proof of
--   desynchronisation, warning a fault, info unusual but allowed. The packet is the first.
-- section: findings
SELECT
    severity, code, title, reference,
    COUNT(*) AS findings, COUNT(DISTINCT connection_id) AS connections,
    MIN(time) AS time, packet, packet_capture_id AS capture_id, evidence, connection_id
FROM (
    SELECT f.severity, f.code, f.title, k.reference, f.connection_id, f.time, f.packet,
        f.packet_capture_id, f.evidence
    FROM findings AS f
    JOIN finding_codes AS k ON k.code = f.code
)
GROUP BY severity, code, title, reference
ORDER BY CASE severity WHEN 'attack' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
    COUNT(*) DESC, code
