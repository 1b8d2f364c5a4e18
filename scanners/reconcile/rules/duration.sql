-- A CDR begins, ends or lasts (seconds) otherwise than its session, which had ended.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       CONCAT('the times of its session, which lasted ', CAST(p.s_end - p.s_start AS VARCHAR), ' s') AS expected,
       CONCAT('a start ', CAST(p.c_start - p.s_start AS VARCHAR), ' s and an end ',
              CAST(p.c_end - p.s_end AS VARCHAR), ' s after them, and ',
              CAST(COALESCE(p.c_seconds, p.c_end - p.c_start) AS VARCHAR), ' s') AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
WHERE NOT p.credit
  AND p.s_status = 'COMPLETED'
  AND (
      ABS(p.c_start - p.s_start) > t.seconds
      OR ABS(p.c_end - p.s_end) > t.seconds
      OR ABS(p.c_seconds - (p.s_end - p.s_start)) > t.seconds
  )
