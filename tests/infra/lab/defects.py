"""What attackers once found in the guard, and the attacks and tests that hold each of it.

uv run python -m tests.infra.lab.defects        (prints the table of docs/guard.md)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """`found` is what was wrong, `holds` what is so now.

    `families` are attacks on the running gateway, by their names in `attack_families` and `attack_messages`;
    `tests` are `file::function` of what is no single answer.
    """

    name: str
    found: str
    holds: str
    families: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


_ATTACKS = "tests/infra/lab/test_gateway_attacks.py"
_GATEWAY = "tests/infra/lab/test_gateway.py"
_SERVE = "tests/infra/runtime/guard/test_serve.py"

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "costly-bodies",
        "a body of nested empty lists held up everybody",
        "values and depth are bounded before anything is built; a partner's bodies take its own time",
        ("bodies of many values",),
        (f"{_GATEWAY}::test_forty_long_hostile_bodies_hold_up_nobody",),
    ),
    Defect(
        "silent-connections",
        "a thousand idle connections were an outage",
        "connections are limited by class of partners, and one that says nothing ends",
        tests=(
            f"{_GATEWAY}::test_silent_connections_of_a_stranger_take_no_partners_place",
            f"{_ATTACKS}::test_a_connection_that_says_nothing_is_closed",
        ),
    ),
    Defect(
        "no-rate",
        "the guard counted no calls",
        "the contract's rates, by partner and by module: 429 with Retry-After, and nobody else is refused",
        tests=(f"{_SERVE}::test_more_calls_than_contracted_are_429_and_cost_nobody_else_an_answer",),
    ),
    Defect(
        "dead-workers",
        "a killed policy service stayed dead, and a registry needed a restart",
        "workers are replaced, health goes through the whole path, stops and reloads lose no call",
        tests=(
            f"{_GATEWAY}::test_a_worker_that_is_killed_or_stands_still_is_replaced",
            f"{_GATEWAY}::test_envoy_refuses_every_call_when_the_policy_service_is_down",
            f"{_GATEWAY}::test_health_goes_through_the_whole_path",
            f"{_SERVE}::test_a_stop_under_load_loses_no_call",
            f"{_SERVE}::test_a_registry_is_reloaded_without_a_dropped_call",
        ),
    ),
    Defect(
        "names-of-two-readings",
        "`PARTY_ID` and `__proto__` passed",
        "a name that can be taken for a known field is refused, in bodies and in queries",
        (
            "names like a known field",
            "twins, and names in depth",
            "prototypes",
            "bodies said to be judged already",
            "parameters of two readings",
        ),
    ),
    Defect(
        "escaped-paths",
        "`%63drs` passed, and a card's number got into a log",
        "a path has one spelling, and logs redact what it decodes to",
        ("escapes that nothing needs", "paths of two readings", "encoded slashes", "paths that no route has"),
        (f"{_ATTACKS}::test_no_secret_and_no_card_of_an_attack_stands_in_a_log",),
    ),
    Defect(
        "roles-of-two",
        "an eMSP's CDR of a two-role partner passed",
        "the party itself has the role, and OCPI-from agrees with URL and body",
        (
            "the wrong role of a two-role partner",
            "one party's object sent by another",
            "broadcasts of what is for one party",
            "commands in the name of the hub",
            "other parties as senders",
            "other parties in the URL",
            "other parties in the body",
        ),
    ),
    Defect(
        "headers-to-the-service",
        "`X-Original-URL`, `Forwarded` and `Cookie` reached the service",
        "an allow-list of headers; no encoded body, none on GET and DELETE; a body without a length gets one",
        (
            "headers that nobody believes",
            "encoded bodies",
            "bodies where OCPI has none",
            "headers of two readings",
        ),
        (
            f"{_ATTACKS}::test_only_listed_headers_reach_the_service_signed_and_with_a_length",
            f"{_ATTACKS}::test_http_2_without_a_length_is_served_and_judged",
        ),
    ),
    Defect(
        "unjudged-values",
        "OCPI-to, `../../etc/passwd`, `date_from` and `offset` were nobody's, and a client's fault was 501",
        "receivers, identifiers and filters are judged, and an unknown transfer coding is 400 with 2000",
        (
            "receivers that are not ours",
            "identifiers that are paths",
            "filters that are none",
            "calls that cannot be framed",
        ),
    ),
    Defect(
        "costly-calls",
        "a query of 16 KiB took 130 ms to be refused, and calls that were reset at once held up everybody",
        "a long query is read by nobody, and a connection that mostly resets its calls ends after fifty",
        ("parameters of two readings",),
        (
            f"{_ATTACKS}::test_a_connection_whose_calls_are_reset_at_once_ends_and_others_are_served",
            "tests/hardening/requests/test_decision.py::test_a_query_beyond_the_bound_is_read_by_nobody",
        ),
    ),
    Defect(
        "oracle",
        "a foreign network told whether a token was issued, and the service believed anybody's header",
        "one answer after one time, a registration token only registers, and the hop is signed",
        (
            "a good token from a foreign network",
            "a registration token beyond registration",
            "tokens that we did not issue",
        ),
        (
            f"{_ATTACKS}::test_an_issued_token_from_a_foreign_network_looks_like_an_unknown_one_and_takes_as_long",
            f"{_ATTACKS}::test_the_service_does_not_believe_a_partner_header_without_the_guards_signature",
        ),
    ),
)


def table() -> str:
    """The rows of docs/guard.md: each defect, what holds, and the tests to run for it."""
    rows = ["| Name | Was found | Holds now |", "|---|---|---|"]
    rows += [f"| `{one.name}` | {one.found} | {one.holds} |" for one in DEFECTS]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
