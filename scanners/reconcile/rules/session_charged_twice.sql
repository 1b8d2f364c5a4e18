-- A session with more than one CDR that was not credited: every one but the first. A CDR that is there twice
-- under one id is told by cdr_twice.
SELECT c.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, c.no AS cdr_no, c.day,
       'one CDR for a session' AS expected, 'another CDR' AS found,
       c.kwh, c.cost AS amount, c.currency
FROM cdrs AS c
JOIN (
    SELECT d.session_key, ARG_MIN(d.id_key, d.no) AS first_key
    FROM cdrs AS d
    WHERE NOT d.credit AND d.session_key IN (SELECT k.session_key FROM crowded AS k)
      AND d.id_key NOT IN (SELECT r.original_key FROM credits AS r WHERE r.original_key IS NOT NULL)
    GROUP BY d.session_key
    HAVING COUNT(DISTINCT d.id_key) > 1
) AS g ON g.session_key = c.session_key
WHERE NOT c.credit AND c.in_period AND c.id_key <> g.first_key
  AND c.id_key NOT IN (SELECT r.original_key FROM credits AS r WHERE r.original_key IS NOT NULL)
