"""The columns of each kind of record: those of the Parquet layout, and of CSV files of the same.

Times are UTC; energy is in kWh, `hours` in hours, costs are before taxes. Every amount is a decimal number of
eleven digits before the point and six behind it, never a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AMOUNT: Final = "DECIMAL(18,6)"
MOST: Final = 10**11  # so that differences still fit
_TEXT, _TIME = "VARCHAR", "TIMESTAMP"

# Of what was no Parquet when it came: the file, and the line in it. No column of anybody's has these names.
SOURCE, LINE = "rampart_source", "rampart_line"
# Kind of record -> its columns and their types; the first `REQUIRED` of them have to be there.
COLUMNS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "sessions": {
            "party": _TEXT,
            "id": _TEXT,
            "start_date_time": _TIME,
            "kwh": AMOUNT,
            "status": _TEXT,
            "currency": _TEXT,
            "last_updated": _TIME,
            "end_date_time": _TIME,
            "total_cost": AMOUNT,
            "location_id": _TEXT,
            "evse_uid": _TEXT,
            "connector_id": _TEXT,
            "token_uid": _TEXT,
        },
        "cdrs": {
            "party": _TEXT,
            "id": _TEXT,
            "start_date_time": _TIME,
            "end_date_time": _TIME,
            "total_energy": AMOUNT,
            "total_cost": AMOUNT,
            "currency": _TEXT,
            "last_updated": _TIME,
            "total_time": AMOUNT,
            "session_id": _TEXT,
            "location_id": _TEXT,
            "evse_uid": _TEXT,
            "connector_id": _TEXT,
            "token_uid": _TEXT,
            "contract_id": _TEXT,
            "credit": "BOOLEAN",
            "credit_reference_id": _TEXT,
            "tariff_ids": _TEXT,
            "tariff_from": _TIME,
            "tariff_until": _TIME,
            "body": _TEXT,
        },
        "tokens": {
            "token_uid": _TEXT,
            "valid": "BOOLEAN",
            "last_updated": _TIME,
            "contract_id": _TEXT,
        },
        "tariffs": {
            "party": _TEXT,
            "id": _TEXT,
            "tariff_from": _TIME,
            "tariff_until": _TIME,
            "body": _TEXT,
        },
        "locations": {
            "party": _TEXT,
            "location_id": _TEXT,
            "evse_uid": _TEXT,
            "connector_id": _TEXT,
            "body": _TEXT,
        },
        "statement": {
            "party": _TEXT,
            "day": "DATE",
            "currency": _TEXT,
            "cdrs": "BIGINT",
            "kwh": AMOUNT,
            "cost": AMOUNT,
        },
    }
)
REQUIRED: Final[Mapping[str, int]] = MappingProxyType(
    {"sessions": 7, "cdrs": 8, "tokens": 3, "tariffs": 2, "locations": 2, "statement": 6}
)
