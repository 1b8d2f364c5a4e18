-- A CDR that more than one credit CDR gives back: every credit but the first.
SELECT r.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, r.no AS cdr_no, r.day,
       'one credit for a CDR' AS expected, 'another credit' AS found,
       ABS(r.kwh) AS kwh, ABS(r.cost) AS amount, r.currency
FROM credits AS r
JOIN (
    SELECT d.original_key, MIN(d.no) AS first_no
    FROM credits AS d
    WHERE d.original_key IS NOT NULL
    GROUP BY d.original_key
    HAVING COUNT(*) > 1
) AS g ON g.original_key = r.original_key
WHERE r.in_period AND r.no <> g.first_no
