"""The tables that rules read, as SQL over Parquet files; this part is DuckDB's alone.

Ids are compared without case, as `CiString`s are: their key is a digest of party and id. Times are seconds
since 1970 beside days. `no` is the place of a record: the file's, and the row in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scanners.reconcile import letters
from scanners.reconcile.columns import AMOUNT, COLUMNS, LINE, MOST, REQUIRED, SOURCE

# Rows of one file come after those of the file before it, which has fewer than this.
ROWS_IN_A_FILE: Final = 2**40

_KEY: Final = "md5_number(ci_upper({party}) || chr(10) || ci_lower({id}))"
_PLACE: Final = "hash(ci_upper(party), ci_lower(location_id))"
_EVSE: Final = "hash(ci_upper(party), ci_lower(location_id), ci_lower(evse_uid), ci_lower(connector_id))"
_SECONDS: Final = "CAST(epoch({}) AS BIGINT)"
# Of a reservation that never was a session (2.2.1, 10.4.3).
_USED: Final = "ci_lower(coalesce(evse_uid, '#na')) <> '#na' AND connector_id IS NOT NULL"

MACROS: Final = f"""{letters.MACROS}
CREATE MACRO record_key(party, id) AS {_KEY.format(party="party", id="id")};
"""


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def parquet(files: list[Path]) -> str:
    """Files as one table. Their names are no patterns, which DuckDB would take them for."""
    listed = ", ".join(quoted(re.sub(r"[*?[]", r"[\g<0>]", str(file))) for file in files)
    return f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"


def records(kind: str, files: list[Path], names: Mapping[str, str]) -> str:
    """The records of a kind, every column of its type, and `ok`: what has to be there is there.

    `names` are the columns that the files have. The party of a file without one stands in its folder's name:
    `party=NL-CPO`.
    """
    columns = [f"{_column(name, of, names)} AS {name}" for name, of in COLUMNS[kind].items()]
    place = "CAST(file_index AS BIGINT) * " + str(ROWS_IN_A_FILE) + " + file_row_number"
    source = f"coalesce({SOURCE}, filename)" if SOURCE in names else "filename"
    line = f"coalesce({LINE}, file_row_number + 1)" if LINE in names else "file_row_number + 1"
    needed = [f"{name} IS NOT NULL" for name in list(COLUMNS[kind])[: REQUIRED[kind]]]
    # What is there and not of its type is no value that was left out.
    others = {name: of for name, of in COLUMNS[kind].items() if name in names and names[name] != of}
    odd = [f"{name} IS NOT NULL AND TRY_CAST({name} AS {of}) IS NULL" for name, of in others.items()]
    amounts = [name for name, of in COLUMNS[kind].items() if name in names and of == AMOUNT]
    odd += [f"coalesce(abs(TRY_CAST({name} AS {AMOUNT})) >= {MOST}, false)" for name in amounts]
    return (
        f"SELECT * EXCLUDE (odd), {' AND '.join(needed)} AND NOT odd AS ok FROM (SELECT {place} AS no, "
        f"{source} AS source, {line} AS line, {' OR '.join(odd) or 'false'} AS odd, {', '.join(columns)} "
        f"FROM {parquet(files)})"
    )


def nothing(kind: str) -> str:
    """The records of a kind that was not given."""
    columns = ", ".join(f"CAST(NULL AS {of}) AS {name}" for name, of in COLUMNS[kind].items())
    return f"SELECT CAST(NULL AS BIGINT) AS no, {columns}, false AS ok WHERE false"


def _column(name: str, of: str, names: Mapping[str, str]) -> str:
    if name in names:
        return f"TRY_CAST({name} AS {of})"
    if name == "party" and {"country_code", "party_id"} <= set(names):
        return "ci_upper(country_code || '*' || party_id)"
    if name == "party":
        return "nullif(replace(ci_upper(regexp_extract(filename, 'party=([^/]+)', 1)), '-', '*'), '')"
    return f"CAST(NULL AS {of})"


def _in_period(at: str, begin: str, end: str) -> str:
    """Whether a time is in the period that was asked for; `begin` and `end` are empty or SQL."""
    parts = [f"{at} >= {begin}"] if begin else []
    parts += [f"{at} < {end}"] if end else []
    return " AND ".join(parts) or "true"


def session_rows(begin: str, end: str) -> str:
    """Sessions as they stood last."""
    at = "coalesce(end_date_time, last_updated)"
    return f"""CREATE VIEW session_rows AS SELECT no, ci_upper(party) AS party,
    record_key(party, id) AS id_key, kwh, total_cost AS cost, ci_upper(currency) AS currency,
    ci_upper(status) AS status,
    {_PLACE} AS location_key, CASE WHEN {_USED} THEN {_EVSE} END AS evse_key,
    hash(ci_lower(token_uid)) AS token_key, ci_lower(token_uid) AS token,
    {_SECONDS.format("start_date_time")} AS start_s, {_SECONDS.format("end_date_time")} AS end_s,
    {_SECONDS.format("last_updated")} AS updated_s,
    CAST({at} AS DATE) AS day, {_in_period(at, begin, end)} AS in_period
    FROM session_records WHERE ok AND no NOT IN (SELECT s.no FROM superseded AS s)"""


# The digits at the end of an id, which may count; those of a UUID do not.
_COUNTED: Final = """SELECT *, CASE WHEN NOT regexp_full_match(id, '[0-9a-fA-F-]{32,36}')
    THEN regexp_extract(id, '[0-9]*$') END AS counted FROM cdr_records WHERE ok"""


def cdr_rows(begin: str, end: str, nameless: bool) -> str:
    """CDRs. `nameless`: some name no session; their session is the one of that token, place and start."""
    key = "CASE WHEN session_id IS NOT NULL THEN record_key(party, session_id) END"
    joined = ""
    if nameless:
        key, joined = f"coalesce({key}, m.session_key)", " LEFT JOIN matched AS m ON m.cdr_no = r.no"
    return f"""CREATE VIEW cdr_rows AS SELECT no, ci_upper(party) AS party, record_key(party, id) AS id_key,
    {key} AS session_key, total_energy AS kwh, total_cost AS cost, ci_upper(currency) AS currency,
    coalesce(credit, false) AS credit,
    CASE WHEN credit AND credit_reference_id IS NOT NULL THEN record_key(party, credit_reference_id) END
        AS original_key,
    coalesce(CAST(round(TRY_CAST(total_time AS DECIMAL(13,6)) * CAST(3600 AS DECIMAL(4,0))) AS BIGINT),
        CAST(round(CAST(total_time AS DECIMAL(38,6)) * 3600) AS BIGINT)) AS seconds,
    {_PLACE} AS location_key, CASE WHEN {_USED} THEN {_EVSE} END AS evse_key,
    hash(ci_lower(token_uid)) AS token_key, hash(ci_lower(contract_id)) AS contract_key,
    {_SECONDS.format("start_date_time")} AS start_s, {_SECONDS.format("end_date_time")} AS end_s,
    {_SECONDS.format("last_updated")} AS updated_s, {_SECONDS.format("tariff_from")} AS tariff_from,
    {_SECONDS.format("tariff_until")} AS tariff_until, tariff_ids,
    left(id, length(id) - length(counted)) AS series, TRY_CAST(right(counted, 15) AS BIGINT) AS number,
    CAST(end_date_time AS DATE) AS day, {_in_period("end_date_time", begin, end)} AS in_period
    FROM ({_COUNTED}) AS r{joined}"""


# Both sides of each charging, once: no rule reads the files again but for the names of what it found.
CHARGED: Final = """
CREATE TABLE charged AS SELECT
    coalesce(c.party, s.party) AS party, s.no AS session_no, c.no AS cdr_no,
    s.kwh AS s_kwh, c.kwh AS c_kwh, s.cost AS s_cost, c.cost AS c_cost,
    s.currency AS s_currency, c.currency AS c_currency, s.status AS s_status,
    s.location_key AS s_location, c.location_key AS c_location, s.evse_key AS s_evse, c.evse_key AS c_evse,
    s.token_key AS s_token, c.token_key AS c_token, c.contract_key AS c_contract,
    s.start_s AS s_start, c.start_s AS c_start, s.end_s AS s_end, c.end_s AS c_end,
    s.updated_s AS s_updated, c.updated_s AS c_updated, c.credit, c.seconds AS c_seconds,
    s.day AS s_day, c.day AS c_day, s.in_period AS s_in_period, c.in_period AS c_in_period,
    coalesce(c.session_key, s.id_key) AS session_key, c.id_key, c.original_key,
    c.tariff_from, c.tariff_until, c.series, c.number
FROM session_rows AS s FULL JOIN cdr_rows AS c ON c.session_key = s.id_key;
CREATE VIEW pairs AS SELECT *, coalesce(c_day, s_day) AS day FROM charged
WHERE coalesce(s_in_period, false) OR coalesce(c_in_period, false);
CREATE VIEW cdrs AS SELECT cdr_no AS no, party, id_key, session_key, original_key, c_kwh AS kwh,
    c_cost AS cost, c_currency AS currency, credit, c_start AS start_s, tariff_from, tariff_until,
    series, number, c_day AS day, c_in_period AS in_period
FROM charged WHERE cdr_no IS NOT NULL;
CREATE VIEW session_places AS SELECT no, location_id AS location, evse_uid AS evse, connector_id AS connector
FROM session_records;
CREATE VIEW cdr_places AS SELECT no, location_id AS location, evse_uid AS evse, connector_id AS connector
FROM cdr_records;
CREATE TABLE crowded AS SELECT session_key FROM cdrs
WHERE session_key IS NOT NULL GROUP BY session_key HAVING count(*) > 1;
CREATE TABLE days AS SELECT party, day, count(cdr_no) AS cdrs FROM pairs GROUP BY ALL;
"""
CREDITS: Final = """
CREATE TABLE credits AS SELECT no, party, kwh, cost, currency, day, in_period, original_key
FROM cdrs WHERE credit;
CREATE TABLE originals AS SELECT r.no AS credit_no, min(c.no) AS no, arg_min(c.kwh, c.no) AS kwh,
    arg_min(c.cost, c.no) AS cost, arg_min(c.currency, c.no) AS currency
FROM credits AS r JOIN cdrs AS c ON c.id_key = r.original_key WHERE NOT c.credit GROUP BY r.no;
CREATE TABLE daily AS SELECT party, day, currency, count(*) AS cdrs, sum(kwh) AS kwh, sum(cost) AS cost
FROM cdrs WHERE in_period GROUP BY ALL;
"""
SUPERSEDED: Final = """
CREATE TABLE superseded AS SELECT no FROM (
    SELECT no, row_number() OVER (PARTITION BY k ORDER BY last_updated DESC, no DESC) AS place FROM (
        SELECT no, record_key(party, id) AS k, last_updated FROM session_records WHERE ok
    ) WHERE k IN (
        SELECT record_key(party, id) AS k FROM session_records WHERE ok GROUP BY k HAVING count(*) > 1
    )
) WHERE place > 1
"""
# CDRs of 2.1.1 name no session: theirs is the only one of that party, token, place and start.
MATCHED: Final = f"""
CREATE TABLE matched AS SELECT r.no AS cdr_no, min(s.id_key) AS session_key
FROM cdr_records AS r JOIN session_rows AS s ON s.party = ci_upper(r.party)
    AND s.token = ci_lower(r.token_uid)
    AND s.location_key = {_PLACE.replace("party", "r.party").replace("location_id", "r.location_id")}
    AND s.start_s = {_SECONDS.format("r.start_date_time")}
WHERE r.ok AND r.session_id IS NULL GROUP BY r.no HAVING count(DISTINCT s.id_key) = 1
"""
# A token as it stands from one change to the next.
TOKENS: Final = f"""
CREATE TABLE tokens AS SELECT hash(ci_lower(token_uid)) AS token_key,
    hash(ci_lower(contract_id)) AS contract_key, valid, {_SECONDS.format("last_updated")} AS since,
    coalesce(lead({_SECONDS.format("last_updated")}) OVER (
        PARTITION BY ci_lower(token_uid), ci_lower(contract_id) ORDER BY last_updated, valid DESC
    ), 9223372036854775807) AS until
FROM token_records WHERE ok
"""
TARIFFS: Final = f"""
CREATE TABLE tariffs AS SELECT record_key(party, id) AS tariff_key,
    coalesce({_SECONDS.format("tariff_from")}, 0) AS since,
    coalesce({_SECONDS.format("tariff_until")}, 9223372036854775807) AS until FROM tariff_records WHERE ok;
CREATE TABLE used_tariffs AS SELECT no AS cdr_no, record_key(party, unnest(string_split(tariff_ids, chr(10))))
    AS tariff_key, start_s FROM cdr_rows WHERE NOT credit AND in_period AND tariff_ids IS NOT NULL;
"""
PLACES: Final = f"""
CREATE TABLE places AS SELECT DISTINCT {_PLACE} AS location_key,
    CASE WHEN {_USED} THEN {_EVSE} END AS evse_key FROM location_records WHERE ok
"""
FOUND: Final = """
CREATE TABLE found (rule VARCHAR, party VARCHAR, named VARCHAR, session_no BIGINT, cdr_no BIGINT, day DATE,
    expected VARCHAR, found VARCHAR, kwh DECIMAL(38,6), amount DECIMAL(38,6), currency VARCHAR)
"""
