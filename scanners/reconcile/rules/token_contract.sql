-- A CDR names a contract that its token was not issued under.
SELECT p.party, NULL AS named, p.session_no, p.cdr_no, p.day,
       'the contract of the token' AS expected, 'another' AS found,
       p.c_kwh AS kwh, p.c_cost AS amount, p.c_currency AS currency
FROM pairs AS p
JOIN (SELECT DISTINCT k.token_key FROM tokens AS k WHERE k.contract_key IS NOT NULL) AS i
  ON i.token_key = p.c_token
LEFT JOIN (SELECT DISTINCT k.token_key, k.contract_key FROM tokens AS k) AS j
  ON j.token_key = p.c_token AND j.contract_key = p.c_contract
WHERE NOT p.credit AND p.c_contract IS NOT NULL AND j.token_key IS NULL
