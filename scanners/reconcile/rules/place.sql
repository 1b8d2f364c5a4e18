-- A CDR names another location, EVSE or connector than its session.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       CONCAT(s.location, ' / ', COALESCE(s.evse, '-'), ' / ', COALESCE(s.connector, '-')) AS expected,
       CONCAT(c.location, ' / ', COALESCE(c.evse, '-'), ' / ', COALESCE(c.connector, '-')) AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN session_places AS s ON s.no = p.session_no
JOIN cdr_places AS c ON c.no = p.cdr_no
WHERE NOT p.credit AND (p.s_location <> p.c_location OR p.s_evse <> p.c_evse)
