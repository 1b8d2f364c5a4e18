-- Ids of CDRs that count up, and leave numbers out: CDRs that were made and never came.
SELECT n.party, CONCAT('ids ', n.series, '*') AS named,
       CAST(NULL AS BIGINT) AS session_no, CAST(NULL AS BIGINT) AS cdr_no, n.day,
       CONCAT(CAST(n.number + 1 AS VARCHAR), ' to ', CAST(n.following - 1 AS VARCHAR)) AS expected,
       'none of them' AS found,
       CAST(NULL AS DECIMAL(18, 6)) AS kwh, CAST(NULL AS DECIMAL(18, 6)) AS amount, n.currency
FROM (
    SELECT c.party, c.series, c.number, c.day, c.currency,
           LEAD(c.number) OVER (PARTITION BY c.party, c.series ORDER BY c.number) AS following
    FROM cdrs AS c
    JOIN (
        SELECT d.party, d.series
        FROM cdrs AS d
        WHERE d.number IS NOT NULL AND d.series IN (
            -- Numbers that are far apart are no sequence, which is told before the costly count.
            SELECT e.series FROM cdrs AS e WHERE e.number IS NOT NULL
            GROUP BY e.party, e.series
            HAVING MAX(e.number) - MIN(e.number) + 1 <= 2 * COUNT(*)
        )
        GROUP BY d.party, d.series
        HAVING COUNT(DISTINCT d.number) >= 3
           AND MAX(d.number) - MIN(d.number) + 1 > COUNT(DISTINCT d.number)
           AND MAX(d.number) - MIN(d.number) + 1 <= 2 * COUNT(DISTINCT d.number)
    ) AS g ON g.party = c.party AND g.series = c.series
) AS n
WHERE n.following > n.number + 1
