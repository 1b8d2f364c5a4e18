-- A CDR is charged by a tariff that was not agreed, or not for that time.
SELECT c.party, NULL AS named, CAST(NULL AS BIGINT) AS session_no, c.no AS cdr_no, c.day,
       'a tariff that was agreed for the time' AS expected, 'none' AS found,
       c.kwh, c.cost AS amount, c.currency
FROM cdrs AS c
WHERE NOT c.credit AND c.in_period
  AND c.no IN (
      SELECT u.cdr_no
      FROM used_tariffs AS u
      LEFT JOIN tariffs AS a
        ON a.tariff_key = u.tariff_key AND a.since <= u.start_s AND a.until > u.start_s
      WHERE a.tariff_key IS NULL
  )
