-- A CDR names a location that nobody published, or an EVSE or connector that is not there.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       'a place that was published' AS expected,
       CONCAT(c.location, ' / ', COALESCE(c.evse, '-'), ' / ', COALESCE(c.connector, '-')) AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN cdr_places AS c ON c.no = p.cdr_no
WHERE NOT p.credit
  AND p.c_location IS NOT NULL
  AND (
      p.c_location NOT IN (SELECT l.location_key FROM places AS l)
      OR p.c_evse NOT IN (SELECT l.evse_key FROM places AS l WHERE l.evse_key IS NOT NULL)
  )
