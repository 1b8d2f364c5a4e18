-- A credit CDR whose original is not among the CDRs, or that names none.
SELECT r.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, r.no AS cdr_no, r.day,
       'the CDR that it credits' AS expected, 'none' AS found,
       ABS(r.kwh) AS kwh, ABS(r.cost) AS amount, r.currency
FROM credits AS r
LEFT JOIN originals AS o ON o.credit_no = r.no
WHERE r.in_period AND o.no IS NULL
