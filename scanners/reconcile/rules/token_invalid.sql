-- A CDR, or a session without one, names a token that was not valid when charging began, under no contract.
SELECT MIN(p.party) AS party, NULL AS named, p.session_no, p.cdr_no, MIN(p.day) AS day,
       'a token that was valid' AS expected, 'one that was not' AS found,
       MIN(COALESCE(p.c_kwh, p.s_kwh)) AS kwh, MIN(COALESCE(p.c_cost, p.s_cost)) AS amount,
       MIN(COALESCE(p.c_currency, p.s_currency)) AS currency
FROM pairs AS p
JOIN tokens AS k
  ON k.token_key = COALESCE(p.c_token, p.s_token)
 AND k.since <= COALESCE(p.c_start, p.s_start)
 AND k.until > COALESCE(p.c_start, p.s_start)
WHERE (p.credit IS NULL OR NOT p.credit)
  AND k.token_key IN (SELECT i.token_key FROM tokens AS i WHERE NOT i.valid)
GROUP BY p.session_no, p.cdr_no
HAVING MAX(CASE WHEN k.valid THEN 1 ELSE 0 END) = 0
