-- A day on which sessions ended and no CDR did, between days on which some did.
SELECT p.party, CONCAT('day ', CAST(p.day AS VARCHAR)) AS named,
       CAST(NULL AS BIGINT) AS session_no, CAST(NULL AS BIGINT) AS cdr_no, p.day,
       'CDRs' AS expected, 'none, of a day with sessions' AS found,
       CAST(SUM(p.s_kwh) AS DECIMAL(38, 6)) AS kwh, CAST(SUM(p.s_cost) AS DECIMAL(38, 6)) AS amount,
       p.s_currency AS currency
FROM pairs AS p
JOIN (
    SELECT q.party, MIN(q.day) AS first_day, MAX(q.day) AS last_day
    FROM days AS q WHERE q.cdrs > 0 GROUP BY q.party
) AS b ON b.party = p.party AND p.day > b.first_day AND p.day < b.last_day
JOIN days AS d ON d.party = p.party AND d.day = p.day
WHERE d.cdrs = 0 AND p.s_status = 'COMPLETED' AND p.s_kwh > 0
GROUP BY p.party, p.day, p.s_currency
