"""What reconciliation reads of an OCPI object, of every version: nothing else of it is decoded.

2.1.1 has other names for some members, whole locations instead of references, and no party; 2.2.1 has an
amount before taxes as `excl_vat`, 2.3.0 as `before_taxes`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class Price(msgspec.Struct):
    """`Price` of 2.2.1 and of 2.3.0."""

    excl_vat: Decimal | None = None
    before_taxes: Decimal | None = None

    @property
    def net(self) -> Decimal | None:
        """The amount before taxes."""
        return self.before_taxes if self.excl_vat is None else self.excl_vat


Cost = Decimal | Price | None


class UsedToken(msgspec.Struct):
    """`CdrToken`."""

    uid: str
    contract_id: str | None = None


class Connector(msgspec.Struct):
    """A connector, by its id alone."""

    id: str


class Evse(msgspec.Struct):
    """An EVSE, with its connectors."""

    uid: str
    connectors: list[Connector] = []


class Place(msgspec.Struct):
    """`CdrLocation` (2.2.1 and later), or the whole `Location` of 2.1.1 with the one EVSE that was used."""

    id: str
    evse_uid: str | None = None
    connector_id: str | None = None
    evses: list[Evse] = []

    @property
    def used(self) -> tuple[str | None, str | None]:
        """EVSE and connector, where they are told."""
        if self.evse_uid or not self.evses:
            return self.evse_uid, self.connector_id
        first = self.evses[0]
        return first.uid, first.connectors[0].id if first.connectors else None


class UsedTariff(msgspec.Struct):
    """A tariff, by its id and its time."""

    id: str
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class Period(msgspec.Struct):
    """A charging period, by the tariff that it names."""

    tariff_id: str | None = None


class Session(msgspec.Struct):
    """A session of any version."""

    id: str
    kwh: Decimal
    status: str
    currency: str
    last_updated: datetime
    country_code: str | None = None
    party_id: str | None = None
    start_date_time: datetime | None = None
    start_datetime: datetime | None = None
    end_date_time: datetime | None = None
    end_datetime: datetime | None = None
    cdr_token: UsedToken | None = None
    auth_id: str | None = None
    location: Place | None = None
    location_id: str | None = None
    evse_uid: str | None = None
    connector_id: str | None = None
    total_cost: Cost = None


class Cdr(msgspec.Struct):
    """A CDR of any version."""

    id: str
    total_energy: Decimal
    total_cost: Decimal | Price
    currency: str
    start_date_time: datetime
    last_updated: datetime
    country_code: str | None = None
    party_id: str | None = None
    end_date_time: datetime | None = None
    stop_date_time: datetime | None = None
    total_time: Decimal | None = None
    session_id: str | None = None
    cdr_token: UsedToken | None = None
    auth_id: str | None = None
    cdr_location: Place | None = None
    location: Place | None = None
    tariffs: list[UsedTariff] | None = None
    charging_periods: list[Period] | None = None
    credit: bool | None = None
    credit_reference_id: str | None = None


class Token(msgspec.Struct):
    """A token, as it was issued or changed at `last_updated`."""

    uid: str
    valid: bool
    last_updated: datetime
    contract_id: str | None = None
    auth_id: str | None = None


class Tariff(msgspec.Struct):
    """A tariff that was agreed."""

    id: str
    country_code: str | None = None
    party_id: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class Location(msgspec.Struct):
    """A location with its EVSEs and connectors."""

    id: str
    country_code: str | None = None
    party_id: str | None = None
    evses: list[Evse] | None = None
