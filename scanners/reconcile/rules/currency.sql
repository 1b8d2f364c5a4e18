-- A CDR is in another currency than its session.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       p.s_currency AS expected, p.c_currency AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
WHERE NOT p.credit AND p.s_currency <> p.c_currency
