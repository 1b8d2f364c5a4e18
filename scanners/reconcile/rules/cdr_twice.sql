-- A CDR whose id another CDR of its party has: every one but the first.
SELECT c.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, c.no AS cdr_no, c.day,
       'an id of its own' AS expected, 'the id of another CDR' AS found,
       ABS(c.kwh) AS kwh, ABS(c.cost) AS amount, c.currency
FROM cdrs AS c
JOIN (
    SELECT d.id_key, MIN(d.no) AS first_no FROM cdrs AS d GROUP BY d.id_key HAVING COUNT(*) > 1
) AS g ON g.id_key = c.id_key
WHERE c.no <> g.first_no AND c.in_period
