"""An audit that cannot look, or judges nothing, is an error beside the others' findings."""

from hardening.checks import Finding, Status
from hardening.errors import CollectError
from scanners.run import guarded
from scanners.target import Scan

FINDING = Finding("every-audit-completes", "drift", Status.PASS, "urn::a")


def unreachable() -> Scan:
    raise CollectError("the endpoint does not answer")


def test_an_audit_that_judges_nothing_is_not_a_pass() -> None:
    (finding,) = guarded("drift", lambda: Scan((), {"live.json": "{}"})).findings
    assert finding.status is Status.ERROR
    assert finding.detail == "the drift audit judged nothing"


def test_an_audit_that_cannot_look_says_why() -> None:
    (finding,) = guarded("drift", unreachable).findings
    assert finding.status is Status.ERROR
    assert "the endpoint does not answer" in finding.detail


def test_what_an_audit_found_is_kept_as_it_is() -> None:
    scan = Scan((FINDING,))
    assert guarded("drift", lambda: scan) is scan
