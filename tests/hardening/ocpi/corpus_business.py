"""The corpus of business rules: one change to a message, and the rule that it breaks (empty: none)."""

from __future__ import annotations

from tests.hardening.ocpi.corpus_structure import Case, Key
from tests.hardening.ocpi.messages import GONE, MESSAGES, POINT


def _restricted(**limits: object) -> dict[str, object]:
    component = {"type": "ENERGY", "price": 0.4, "step_size": 1}
    return {"price_components": [component], "restrictions": limits}


def _tariff(*elements: dict[str, object], **more: object) -> list[dict[str, object]]:
    return [
        {
            "country_code": "NL",
            "party_id": "CPO",
            "id": "day",
            "currency": "EUR",
            "elements": list(elements),
            "last_updated": "2026-01-02T03:04:05Z",
            **more,
        }
    ]


def mix(*shares: float) -> dict[str, object]:
    """An energy mix of so many percent each."""
    sources = [{"source": "SOLAR", "percentage": share} for share in shares]
    return {"is_green_energy": True, "energy_sources": sources}


def image(url: str) -> dict[str, object]:
    """An image at `url`."""
    return {"url": url, "category": "OTHER", "type": "png"}


def hours(begin: str, end: str) -> dict[str, object]:
    """Opening hours on Mondays."""
    day = {"weekday": 1, "period_begin": begin, "period_end": end}
    return {"twentyfourseven": False, "regular_hours": [day]}


PRICE = {"type": "ENERGY", "price": 0.4, "step_size": 1}


def _price(kind: str, price: float, step: int = 1) -> dict[str, object]:
    return {"price_components": [{"type": kind, "price": price, "step_size": step}]}


BUSINESS: dict[Key, list[Case]] = {
    ("2.2.1", "d2", "CDR"): [
        ("end_date_time", "2026-03-01T09:59:59Z", "times-are-in-order"),
        ("end_date_time", "2026-03-01T11:00:00Z", "times-are-in-order"),
        ("start_date_time", "2026-03-01T10:30:00Z", "times-are-in-order"),
        ("charging_periods/1/start_date_time", "2026-03-01T09:00:00Z", "times-are-in-order"),
        ("charging_periods/1/start_date_time", "2026-03-01T12:00:01Z", "times-are-in-order"),
        ("charging_periods/1/start_date_time", "2026-03-01T12:00:00Z", ""),
        ("end_date_time", "2026-03-01T12:00:00", ""),
        ("end_date_time", "2026-03-01T12:00:00.000Z", ""),
        ("end_date_time", "2026-05-01T12:00:00Z", "durations-are-possible"),
        ("start_date_time", "1970-01-01T00:00:00Z", ""),
        ("total_time", 2.1, "durations-are-possible"),
        ("total_time", -2.0, "durations-are-possible"),
        ("total_time", 2.01, ""),
        ("total_parking_time", 3.0, "durations-are-possible"),
        ("total_parking_time", -0.5, "durations-are-possible"),
        ("total_parking_time", 0.3, "totals-match-the-periods"),
        ("total_parking_time", None, ""),
        ("total_energy", -0.001, "energy-is-possible"),
        ("total_energy", 99999.0, "energy-is-possible"),
        ("total_energy", 13.0, "totals-match-the-periods"),
        ("total_energy", 12.01, ""),
        ("charging_periods/0/dimensions/0/volume", -1.0, "volumes-are-possible"),
        ("charging_periods/0/dimensions/1/volume", -1.0, "volumes-are-possible"),
        (
            "charging_periods/1/dimensions",
            [{"type": "STATE_OF_CHARGE", "volume": 101}],
            "volumes-are-possible",
        ),
        ("charging_periods/1/dimensions", [{"type": "STATE_OF_CHARGE", "volume": 80}], ""),
        ("charging_periods/1/dimensions", [{"type": "MIN_CURRENT", "volume": -16}], ""),
        ("charging_periods/0/dimensions/1/volume", 5.0, "totals-match-the-periods"),
        ("total_cost", {"excl_vat": -5.3}, "costs-are-not-negative"),
        ("total_energy_cost", {"excl_vat": -4.8}, "costs-are-not-negative"),
        ("total_cost", {"excl_vat": 5.3, "incl_vat": 5.0}, "vat-is-consistent"),
        ("total_cost", {"excl_vat": 5.3, "incl_vat": 11.0}, "vat-is-consistent"),
        ("total_cost", {"excl_vat": 5.3, "incl_vat": 5.3}, ""),
        ("total_energy_cost", {"excl_vat": 4.8, "incl_vat": 4.0}, "vat-is-consistent"),
        ("total_energy_cost", {"excl_vat": 4.8}, ""),
        ("total_energy_cost", {"excl_vat": 6.0}, "costs-add-up"),
        ("id", "", "identifiers-are-not-empty"),
        ("cdr_token/contract_id", "", "identifiers-are-not-empty"),
        ("cdr_location/evse_id", "", "identifiers-are-not-empty"),
        ("tariffs/0/id", "", "identifiers-are-not-empty"),
        ("session_id", "", ""),
        ("charging_periods/0/tariff_id", "nowhere", "tariffs-of-periods-are-in-the-cdr"),
        ("charging_periods/0/tariff_id", "DAY", ""),
        ("tariffs/0/tariff_alt_url", "https://cpo.example/", ""),
        ("tariffs/0/tariff_alt_url", "ftp://cpo.example/", "urls-lead-to-the-web"),
        ("tariffs/0/energy_mix", mix(101), "energy-mix-is-a-whole"),
        ("tariffs/0/elements/0/price_components/0/vat", 200, "price-components-are-possible"),
        ("tariffs/0/elements/0/price_components/0/vat", -1, "price-components-are-possible"),
        ("tariffs/0/elements/0/price_components", [PRICE, PRICE], "price-components-are-possible"),
        ("tariffs/0/elements/0/restrictions", {"start_date": "2026-02-29"}, "dates-of-restrictions-exist"),
        ("currency", "", "currency-is-iso-4217"),
        ("country_code", "", "country-is-iso-3166"),
        ("currency", "EUX", "currency-is-iso-4217"),
        ("currency", "eur", "currency-is-iso-4217"),
        ("currency", "USD", "currency-is-iso-4217"),
        ("country_code", "XX", "country-is-iso-3166"),
        ("country_code", "nl", ""),
        ("cdr_token/country_code", "ZZ", "country-is-iso-3166"),
        ("cdr_location/country", "NL", "country-is-iso-3166"),
        ("cdr_location/country", "XKX", ""),
        ("cdr_location/coordinates", {**POINT, "latitude": "90.000001"}, "coordinates-are-on-earth"),
        ("cdr_location/coordinates", {**POINT, "longitude": "180.00001"}, "coordinates-are-on-earth"),
        ("cdr_location/coordinates", {**POINT, "longitude": "-180.00000"}, ""),
        ("credit", True, "credit-cdr-names-its-original"),
        ("credit", False, ""),
        ("credit_reference_id", "cdr-0", "credit-cdr-names-its-original"),
        ("id", "x" * 37, "credit-cdr-names-its-original"),
        ("total_cost", {"excl_vat": 53.0}, "totals-match-the-tariff"),
        ("total_cost", {"excl_vat": 0.0, "incl_vat": 0.0}, "totals-match-the-tariff"),
        ("cdr_location/coordinates/longitude", "181.000000", "coordinates-are-on-earth"),
        ("total_parking_time", 0.0, "totals-match-the-periods"),
        ("total_cost", {"excl_vat": 0.53}, "totals-match-the-tariff"),
        ("total_cost", {"excl_vat": 5.31}, ""),
        ("tariffs/0/elements/0/price_components/0/price", 0.8, "totals-match-the-tariff"),
        ("tariffs/0/elements/0/price_components/0/step_size", 5000, ""),
        ("tariffs/0/elements/0/price_components/0/step_size", -1, "price-components-are-possible"),
        ("tariffs/0/max_price", {"excl_vat": 3.0}, "totals-match-the-tariff"),
        ("tariffs/0/min_price", {"excl_vat": 8.0}, "totals-match-the-tariff"),
        ("tariffs/0/max_price", {"excl_vat": 5.3}, ""),
        ("tariffs/0/currency", "USD", "currency-is-iso-4217"),
        ("tariffs", _tariff(_price("ENERGY", 0.4), _price("PARKING_TIME", 1.0)), ""),
        ("tariffs", _tariff(_price("TIME", 3.5333)), ""),
        ("tariffs", _tariff(_price("TIME", 2.0)), "totals-match-the-tariff"),
        ("tariffs", _tariff(_price("TIME", 2.0, 7200), _price("FLAT", 1.3)), ""),
        ("tariffs", _tariff(_restricted(max_kwh=1.0), _price("FLAT", 0.5)), ""),
        ("tariffs", _tariff(_restricted(min_kwh=1.0), _price("FLAT", 5.3)), ""),
        ("tariffs", _tariff(_restricted(min_kwh=1.0), _price("FLAT", 9.3)), "totals-match-the-tariff"),
        ("tariffs", _tariff(_restricted(max_power=11.0), _price("FLAT", 0.5)), ""),
        ("tariffs", _tariff(_restricted(max_power=11.0), _price("FLAT", 9.5)), "totals-match-the-tariff"),
        ("tariffs", _tariff(_restricted(max_power=11.0)), "totals-match-the-tariff"),
        ("tariffs", _tariff(_restricted(start_time="09:00", end_time="10:00"), _price("FLAT", 0.5)), ""),
        ("tariffs", _tariff(_restricted(start_time="09:00", end_time="10:00")), "totals-match-the-tariff"),
        ("tariffs", _tariff(_restricted(reservation="RESERVATION"), _price("FLAT", 5.3)), ""),
        ("tariffs", _tariff(_restricted(min_kwh=9, max_kwh=3)), "tariff-limits-are-in-order"),
        (
            "tariffs",
            _tariff(
                _price("FLAT", 5.3),
                start_date_time="2026-02-01T00:00:00Z",
                end_date_time="2026-01-01T00:00:00Z",
            ),
            "periods-end-after-they-begin",
        ),
    ],
    ("2.2.1", "d2", "Session"): [
        ("location_id", "", "identifiers-are-not-empty"),
        ("connector_id", "", "identifiers-are-not-empty"),
        ("cdr_token/party_id", "", "identifiers-are-not-empty"),
        ("end_date_time", "2026-03-01T09:00:00Z", "times-are-in-order"),
        ("end_date_time", GONE, "session-status-agrees"),
        ("status", "PENDING", "session-status-agrees"),
        ("status", "RESERVATION", "session-status-agrees"),
        ("status", "ACTIVE", ""),
        ("status", "INVALID", ""),
        ("kwh", -1, "session-energy-is-possible"),
        ("kwh", 1e6, "session-energy-is-possible"),
        ("total_cost", {"excl_vat": -0.01}, "plain-costs-are-not-negative"),
        ("total_cost", {"excl_vat": 1.0, "incl_vat": 0.5}, "vat-is-consistent"),
        ("currency", "ABC", "currency-is-iso-4217"),
        ("country_code", "AA", "country-is-iso-3166"),
        ("charging_periods/0/dimensions/0/volume", -1, "volumes-are-possible"),
        ("charging_periods/0/start_date_time", "2026-03-01T09:00:00Z", "times-are-in-order"),
    ],
    ("2.2.1", "d2", "Location"): [
        ("id", "", "identifiers-are-not-empty"),
        ("evses/0/uid", "", "identifiers-are-not-empty"),
        ("evses/0/connectors/0/id", "", "identifiers-are-not-empty"),
        ("time_zone", "", "time-zone-is-iana"),
        ("country", "", "country-is-iso-3166"),
        ("evses/0/connectors/0/max_voltage", 0, "connectors-are-rated"),
        ("evses/0/connectors/0/max_amperage", -16, "connectors-are-rated"),
        ("evses/0/connectors/0/max_electric_power", -1, "connectors-are-rated"),
        ("evses/0/connectors/0/max_electric_power", 0, ""),
        ("evses/0/connectors/0/terms_and_conditions", "file:///terms", "urls-lead-to-the-web"),
        ("evses/0/images", [image("http://169.254.169.254/a.png")], "urls-lead-to-the-web"),
        ("evses/0/images", [image("http://cdn.example/a.png")], ""),
        ("images", [image("http://0251.0xfe.43518/a.png")], "urls-lead-to-the-web"),
        ("images", [image("http://192.0.2.1/a.png")], ""),
        ("operator", {"name": "CPO", "website": "gopher://cpo.example/"}, "urls-lead-to-the-web"),
        ("operator", {"name": "CPO", "logo": image("http://[fe80::1]/a.png")}, "urls-lead-to-the-web"),
        ("operator", {"name": "CPO", "website": "http://[v1.a:b]/"}, "urls-lead-to-the-web"),
        ("operator", {"name": "CPO", "website": "http://99999999999/"}, "urls-lead-to-the-web"),
        ("operator", {"name": "CPO", "website": "https://user:secret@cpo.example"}, ""),
        ("operator", {"name": "CPO"}, ""),
        ("opening_times", {"twentyfourseven": False}, "opening-hours-agree"),
        ("opening_times", {"twentyfourseven": False, "regular_hours": []}, "opening-hours-agree"),
        ("opening_times", hours("08:00", "20:00"), ""),
        ("opening_times", hours("20:00", "20:00"), "opening-hours-agree"),
        ("opening_times", hours("20:00", "08:00"), "opening-hours-agree"),
        ("opening_times", {**hours("08:00", "20:00"), "twentyfourseven": True}, "opening-hours-agree"),
        ("energy_mix", mix(150), "energy-mix-is-a-whole"),
        ("energy_mix", mix(-1, 20), "energy-mix-is-a-whole"),
        ("energy_mix", mix(80, 70), "energy-mix-is-a-whole"),
        ("energy_mix", mix(33.4, 66.7), ""),
        ("energy_mix", mix(20), ""),
        ("country", "NL", "country-is-iso-3166"),
        ("country", "NDL", "country-is-iso-3166"),
        ("country_code", "NX", "country-is-iso-3166"),
        ("time_zone", "Europe/Rotterdam", "time-zone-is-iana"),
        ("evses", MESSAGES["2.2.1"]["Location"]["evses"] * 2, "names-are-unique-in-a-location"),
        ("time_zone", "CEST", "time-zone-is-iana"),
        ("time_zone", "UTC", ""),
        ("time_zone", "America/Argentina/Ushuaia", ""),
        ("coordinates", {**POINT, "latitude": "-90.00001"}, "coordinates-are-on-earth"),
        ("evses/0/coordinates", {**POINT, "longitude": "200.00000"}, "coordinates-are-on-earth"),
        ("related_locations", [{**POINT, "latitude": "95.00000"}], "coordinates-are-on-earth"),
        (
            "opening_times",
            {
                "twentyfourseven": True,
                "exceptional_closings": [
                    {"period_begin": "2026-12-26T00:00:00Z", "period_end": "2026-12-25T00:00:00Z"}
                ],
            },
            "periods-end-after-they-begin",
        ),
        (
            "evses/0/status_schedule",
            [
                {
                    "period_begin": "2026-12-26T00:00:00Z",
                    "period_end": "2026-12-25T00:00:00Z",
                    "status": "PLANNED",
                }
            ],
            "periods-end-after-they-begin",
        ),
        ("evses/0/status_schedule", [{"period_begin": "2026-12-26T00:00:00Z", "status": "PLANNED"}], ""),
    ],
    ("2.2.1", "d2", "Tariff"): [
        ("id", "", "identifiers-are-not-empty"),
        ("currency", "", "currency-is-iso-4217"),
        ("elements/0/price_components/0/step_size", 0, "price-components-are-possible"),
        ("elements/0/price_components/0/vat", 200, "price-components-are-possible"),
        ("elements/0/price_components/0/vat", -1, "price-components-are-possible"),
        ("elements/0/price_components/0/vat", 0, ""),
        ("elements/0/price_components", [PRICE, PRICE], "price-components-are-possible"),
        ("elements/0/restrictions", {"start_date": "2026-02-30"}, "dates-of-restrictions-exist"),
        ("elements/0/restrictions", {"end_date": "2026-11-31"}, "dates-of-restrictions-exist"),
        ("elements/0/restrictions", {"start_date": "2028-02-29"}, ""),
        ("tariff_alt_url", "javascript:alert(1)", "urls-lead-to-the-web"),
        ("currency", "EUU", "currency-is-iso-4217"),
        ("country_code", "QQ", "country-is-iso-3166"),
        ("min_price", {"excl_vat": 1.0, "incl_vat": 0.5}, "vat-is-consistent"),
        ("elements/0/restrictions", {"min_duration": 60, "max_duration": 30}, "tariff-limits-are-in-order"),
        (
            "elements/0/restrictions",
            {"start_date": "2026-02-01", "end_date": "2026-01-01"},
            "tariff-limits-are-in-order",
        ),
        ("elements/0/restrictions", {"min_power": 11, "max_power": 11}, ""),
        ("elements/0/restrictions", {"min_current": 32, "max_current": 0}, "tariff-limits-are-in-order"),
    ],
    ("2.2.1", "d2", "Token"): [
        ("country_code", "QQ", "country-is-iso-3166"),
        ("uid", "", "identifiers-are-not-empty"),
        ("contract_id", "", "identifiers-are-not-empty"),
        ("group_id", "", ""),
    ],
    ("2.2.1", "d2", "Credentials"): [
        ("token", "", "identifiers-are-not-empty"),
        ("roles/0/party_id", "", "identifiers-are-not-empty"),
        ("roles/0/country_code", "ZZ", "country-is-iso-3166"),
        ("roles", MESSAGES["2.2.1"]["Credentials"]["roles"] * 2, "credentials-roles-are-unique"),
        ("url", "http://metadata.google.internal/", "urls-lead-to-the-web"),
    ],
    ("2.2.1", "d2", "StartSession"): [
        ("token/uid", "", "identifiers-are-not-empty"),
        ("response_url", "file:///dev/null", "urls-lead-to-the-web"),
    ],
    ("2.2.1", "d2", "VersionDetails"): [
        ("endpoints/0/url", "http://169.254.170.2/v2", "urls-lead-to-the-web")
    ],
    ("2.1.1", "d2", "Token"): [("auth_id", "", "identifiers-are-not-empty")],
    ("2.1.1", "d2", "Credentials"): [
        ("country_code", "ZZ", "country-is-iso-3166"),
        ("token", "", "identifiers-are-not-empty"),
    ],
    ("2.2.1", "d2", "ClientInfo"): [("country_code", "QQ", "country-is-iso-3166")],
    ("2.1.1", "d2", "CDR"): [
        ("auth_id", "", "identifiers-are-not-empty"),
        ("location/evses/0/connectors/0/voltage", 0, "connectors-are-rated"),
        ("stop_date_time", "2026-03-01T09:00:00Z", "times-are-in-order"),
        ("total_cost", -4.0, "plain-costs-are-not-negative"),
        ("total_cost", 40.0, "totals-match-the-tariff"),
        ("total_energy", -1, "energy-is-possible"),
        ("total_time", 9.0, "durations-are-possible"),
        ("currency", "EUX", "currency-is-iso-4217"),
        ("location/country", "NL", "country-is-iso-3166"),
        ("location/coordinates", {**POINT, "latitude": "91.000000"}, "coordinates-are-on-earth"),
    ],
    ("2.1.1", "d2", "Session"): [
        ("end_datetime", "2026-03-01T09:00:00Z", "times-are-in-order"),
        ("end_datetime", GONE, "session-status-agrees"),
        ("kwh", -1, "session-energy-is-possible"),
        ("total_cost", -1.0, "plain-costs-are-not-negative"),
    ],
    ("2.1.1", "d2", "Location"): [
        ("opening_times", {"exceptional_openings": []}, "opening-hours-agree"),
        ("opening_times", {"regular_hours": hours("08:00", "20:00")["regular_hours"]}, ""),
        ("evses/0/connectors/0/amperage", 0, "connectors-are-rated"),
        ("time_zone", "Amsterdam", "time-zone-is-iana"),
        ("country", "NL", "country-is-iso-3166"),
    ],
    ("2.3.0", "ed2", "CDR"): [
        ("total_cost", {"before_taxes": -1.0}, "costs-are-not-negative"),
        (
            "total_cost",
            {"before_taxes": 5.3, "taxes": [{"name": "VAT", "percentage": 21, "amount": 9.0}]},
            "taxes-are-consistent",
        ),
        (
            "total_cost",
            {"before_taxes": 5.3, "taxes": [{"name": "VAT", "percentage": 210, "amount": 1.0}]},
            "taxes-are-consistent",
        ),
        (
            "total_cost",
            {"before_taxes": 5.3, "taxes": [{"name": "VAT", "amount": -1.0}]},
            "taxes-are-consistent",
        ),
        ("total_cost", {"before_taxes": 53.0}, "totals-match-the-tariff"),
        ("tariffs/0/max_price", {"before_taxes": 3.0}, "totals-match-the-tariff"),
        ("end_date_time", "2026-03-01T09:00:00Z", "times-are-in-order"),
    ],
    ("2.3.0", "bookings", "BookingRequest"): [
        (
            "period",
            {"start_date_time": "2026-03-01T10:00:00Z", "end_date_time": "2026-03-01T09:00:00Z"},
            "periods-end-after-they-begin",
        ),
        ("country_code", "QQ", "country-is-iso-3166"),
    ],
    ("2.3.0", "bookings", "BookingLocation"): [
        ("calendars/0/end_before", "2026-02-28T00:00:00Z", "periods-end-after-they-begin"),
        (
            "calendars/0/available_timeslots/0/end_date_time",
            "2026-03-01T09:00:00Z",
            "periods-end-after-they-begin",
        ),
    ],
}
