-- A CDR of a session that was declared invalid, which is not to be billed (2.2.1, 9.4.2).
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day, 'no CDR of an invalid session' AS expected,
       'a CDR' AS found, p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
WHERE NOT p.credit AND p.s_status = 'INVALID'
