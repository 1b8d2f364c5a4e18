-- A CDR of no session that was reported.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day, 'a session' AS expected, 'none' AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
WHERE p.session_no IS NULL AND NOT p.credit
