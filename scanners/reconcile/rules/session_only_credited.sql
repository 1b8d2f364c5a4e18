-- A session whose only CDRs are credit CDRs: what it took was given back, and never charged.
SELECT MIN(p.party) AS party, NULL AS named, p.session_no, MIN(p.cdr_no) AS cdr_no, MIN(p.day) AS day,
       'a CDR that is no credit CDR' AS expected, 'credit CDRs alone' AS found,
       MIN(p.s_kwh) AS kwh, MIN(p.s_cost) AS amount, MIN(p.s_currency) AS currency
FROM pairs AS p
WHERE p.session_no IN (SELECT q.session_no FROM pairs AS q WHERE q.credit AND q.session_no IS NOT NULL)
GROUP BY p.session_no
HAVING SUM(CASE WHEN p.credit THEN 0 ELSE 1 END) = 0
