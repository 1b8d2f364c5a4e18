-- A session that took energy, has no CDR, and of which nothing was heard for the grace: it never ends.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day, 'an end and a CDR' AS expected,
       p.s_status AS found, p.s_kwh AS kwh, p.s_cost AS amount, p.s_currency AS currency
FROM pairs AS p
JOIN tolerances AS t ON t.party = p.party
JOIN horizon AS h ON h.at >= p.s_updated + t.grace
WHERE p.cdr_no IS NULL
  AND p.s_status NOT IN ('COMPLETED', 'INVALID', 'RESERVATION')
  AND p.s_kwh > t.energy
