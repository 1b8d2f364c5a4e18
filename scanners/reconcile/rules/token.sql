-- A CDR names another token than its session.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       'the token of the session' AS expected, 'another' AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
WHERE NOT p.credit AND p.s_token <> p.c_token
