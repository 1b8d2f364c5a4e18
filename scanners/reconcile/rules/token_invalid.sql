-- A CDR, or a session without one, names a token that was not valid when charging began.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       'a token that was valid' AS expected, 'one that was not' AS found,
       COALESCE(p.c_kwh, p.s_kwh) AS kwh, COALESCE(p.c_cost, p.s_cost) AS amount,
       COALESCE(p.c_currency, p.s_currency) AS currency
FROM pairs AS p
JOIN (
    SELECT k.token_key, k.since, k.until, MAX(CASE WHEN k.valid THEN 1 ELSE 0 END) AS valid
    FROM tokens AS k
    GROUP BY k.token_key, k.since, k.until
) AS v ON v.token_key = COALESCE(p.c_token, p.s_token)
   AND v.since <= COALESCE(p.c_start, p.s_start)
   AND v.until > COALESCE(p.c_start, p.s_start)
WHERE (p.credit IS NULL OR NOT p.credit) AND v.valid = 0
