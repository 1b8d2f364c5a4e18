-- A session that ended, took energy or cost something, and has no CDR after the grace.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day, 'a CDR' AS expected, 'none' AS found,
       p.s_kwh AS kwh, p.s_cost AS amount, p.s_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
JOIN horizon AS h ON h.at >= COALESCE(p.s_end, p.s_updated) + t.grace
WHERE p.cdr_no IS NULL
  AND p.s_status = 'COMPLETED'
  AND (p.s_kwh > t.energy OR p.s_cost > t.cost)
