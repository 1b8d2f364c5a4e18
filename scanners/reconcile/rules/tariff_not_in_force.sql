-- A CDR is charged by a tariff of its own that had not begun, or had ended, when charging began.
SELECT c.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, c.no AS cdr_no, c.day,
       'a tariff in force at the start' AS expected,
       CASE WHEN c.start_s < c.tariff_from THEN 'one that had not begun' ELSE 'one that had ended' END AS found,
       c.kwh, c.cost AS amount, c.currency
FROM cdrs AS c
WHERE NOT c.credit AND c.in_period AND (c.start_s < c.tariff_from OR c.start_s >= c.tariff_until)
