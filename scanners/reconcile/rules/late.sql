-- A CDR was made later after its end than agreed (seconds).
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       CONCAT('at most ', CAST(t.late AS VARCHAR), ' s after its end') AS expected, CONCAT(CAST(p.c_updated - p.c_end AS VARCHAR), ' s') AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
WHERE NOT p.credit AND p.c_updated - p.c_end > t.late
