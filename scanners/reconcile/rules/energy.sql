-- The energy of a CDR is not that of its session, which had ended, or less than the session had taken so far.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       CAST(p.s_kwh AS VARCHAR) AS expected, CAST(p.c_kwh AS VARCHAR) AS found,
       ABS(p.c_kwh - p.s_kwh) AS kwh, CAST(NULL AS DECIMAL(18, 6)) AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
WHERE NOT p.credit
  AND (p.s_status = 'COMPLETED' OR (p.s_status = 'ACTIVE' AND p.c_kwh < p.s_kwh))
  AND ABS(p.c_kwh - p.s_kwh) > t.energy
  AND ABS(p.c_kwh - p.s_kwh) > t.share * ABS(p.s_kwh)
