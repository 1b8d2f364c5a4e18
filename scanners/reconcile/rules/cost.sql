-- The cost of a CDR is not that of its session, which had ended and told its cost in the same currency.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       CAST(p.s_cost AS VARCHAR) AS expected, CAST(p.c_cost AS VARCHAR) AS found,
       CAST(NULL AS DECIMAL(18, 6)) AS kwh, ABS(p.c_cost - p.s_cost) AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
WHERE NOT p.credit
  AND p.s_status = 'COMPLETED'
  AND p.s_currency = p.c_currency
  AND ABS(p.c_cost - p.s_cost) > t.cost
  AND ABS(p.c_cost - p.s_cost) > t.share * ABS(p.s_cost)
