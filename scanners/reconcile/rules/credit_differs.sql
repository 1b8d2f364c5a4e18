-- A credit CDR that does not give back what its original took, or of another energy or currency.
SELECT r.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, r.no AS cdr_no, r.day,
       CONCAT(CAST(-o.cost AS VARCHAR), ' ', o.currency, ', ', CAST(o.kwh AS VARCHAR), ' kWh') AS expected,
       CONCAT(CAST(r.cost AS VARCHAR), ' ', r.currency, ', ', CAST(r.kwh AS VARCHAR), ' kWh') AS found,
       ABS(ABS(r.kwh) - ABS(o.kwh)) AS kwh, ABS(r.cost + o.cost) AS amount, r.currency
FROM credits AS r
JOIN originals AS o ON o.credit_no = r.no
JOIN tolerances AS t ON t.party = r.party
WHERE r.in_period
  AND (ABS(r.cost + o.cost) > t.cost OR ABS(ABS(r.kwh) - ABS(o.kwh)) > t.energy OR r.currency <> o.currency)
