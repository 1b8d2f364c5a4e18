-- A CDR, or a session without one, names a token that was not issued.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       'a token that was issued' AS expected, 'an unknown one' AS found,
       COALESCE(p.c_kwh, p.s_kwh) AS kwh, COALESCE(p.c_cost, p.s_cost) AS amount,
       COALESCE(p.c_currency, p.s_currency) AS currency
FROM pairs AS p
LEFT JOIN (SELECT DISTINCT k.token_key FROM tokens AS k) AS i ON i.token_key = COALESCE(p.c_token, p.s_token)
WHERE (p.credit IS NULL OR NOT p.credit)
  AND COALESCE(p.c_token, p.s_token) IS NOT NULL
  AND i.token_key IS NULL
