"""The editions of OCPI, as stacks of table fragments: what a later fragment says wins."""

from __future__ import annotations

from collections.abc import Mapping

from hardening.ocpi.fields import Fragment
from hardening.ocpi.tables.charging_2_2_1 import CHARGING
from hardening.ocpi.tables.edition_2_1_1 import V2_1_1
from hardening.ocpi.tables.edition_2_3_0 import BOOKINGS, CORE, INVOICES, LONGER, PAYMENTS
from hardening.ocpi.tables.exchange_2_2_1 import EXCHANGE
from hardening.ocpi.tables.locations_2_2_1 import LOCATIONS

_V2_2_1 = (LOCATIONS, CHARGING, EXCHANGE)

# (version, edition) -> its fragments. The last edition of a version is the default of that version.
EDITIONS: Mapping[tuple[str, str], tuple[Fragment, ...]] = {
    ("2.1.1", "d2"): (V2_1_1,),
    ("2.2.1", "d2"): _V2_2_1,
    ("2.2.1", "bugfix"): (*_V2_2_1, LONGER),
    ("2.3.0", "ed1"): (*_V2_2_1, CORE, PAYMENTS),
    ("2.3.0", "bookings"): (*_V2_2_1, CORE, BOOKINGS),
    ("2.3.0", "ed2"): (*_V2_2_1, CORE, LONGER, INVOICES),
    ("2.3.0", "ed2-payments"): (*_V2_2_1, CORE, LONGER, INVOICES, PAYMENTS),
}
