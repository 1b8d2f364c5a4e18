-- Number, energy or cost of a day's CDRs are not those of the counterpart's statement.
SELECT COALESCE(o.party, s.party) AS party, CONCAT('day ', CAST(COALESCE(o.day, s.day) AS VARCHAR)) AS named,
       CAST(NULL AS BIGINT) AS session_no, CAST(NULL AS BIGINT) AS cdr_no, COALESCE(o.day, s.day) AS day,
       CONCAT(CAST(COALESCE(s.cdrs, 0) AS VARCHAR), ' CDRs, ', CAST(COALESCE(s.kwh, 0) AS VARCHAR), ' kWh, ',
              CAST(COALESCE(s.cost, 0) AS VARCHAR), ' ', COALESCE(s.currency, o.currency)) AS expected,
       CONCAT(CAST(COALESCE(o.cdrs, 0) AS VARCHAR), ' CDRs, ', CAST(COALESCE(o.kwh, 0) AS VARCHAR), ' kWh, ',
              CAST(COALESCE(o.cost, 0) AS VARCHAR), ' ', COALESCE(o.currency, s.currency)) AS found,
       ABS(COALESCE(o.kwh, 0) - COALESCE(s.kwh, 0)) AS kwh,
       ABS(COALESCE(o.cost, 0) - COALESCE(s.cost, 0)) AS amount,
       COALESCE(o.currency, s.currency) AS currency
FROM daily AS o
FULL JOIN statement AS s ON s.party = o.party AND s.day = o.day AND s.currency = o.currency
JOIN tolerances AS t ON t.party = COALESCE(o.party, s.party)
WHERE COALESCE(o.party, s.party) IN (SELECT q.party FROM statement AS q)
  AND (
      COALESCE(o.cdrs, 0) <> COALESCE(s.cdrs, 0)
      OR ABS(COALESCE(o.kwh, 0) - COALESCE(s.kwh, 0)) > t.energy
      OR ABS(COALESCE(o.cost, 0) - COALESCE(s.cost, 0)) > t.cost
  )
