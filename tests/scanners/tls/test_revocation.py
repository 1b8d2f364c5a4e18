"""Revocation is asked where the operator allows it: of a responder and a list that lie and fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from hardening.checks import Status
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.audit.revocation import status_of
from scanners.tls.certificates.revocation import Question, read_list, read_response
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import judge
from scanners.tls.observations import TlsScan
from tests.beds.tls.bed import Bed
from tests.beds.tls.pki import NAME, NOW, Authority, as_ca, for_servers
from tests.beds.tls.ports import free_ports
from tests.beds.tls.servers import Python

Builder = x509.CertificateBuilder
CONTROL = "certificate-not-revoked"
DER = serialization.Encoding.DER


@dataclass(slots=True)
class Authorities:
    """A CA below the bed's root, and what is asked of both over HTTP: path -> answer to a request's body."""

    bed: Bed
    url: str
    answers: dict[str, Callable[[bytes], tuple[int, bytes]]]
    asked: list[str]
    middle: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.answers["/root.crl"] = lambda _: (200, self.crl(self.bed.pki.root))
        root = self.bed.pki.root
        build = lambda builder: _listed(as_ca(builder), f"{self.url}/root.crl")  # noqa: E731  (one line says it)
        self.middle = self.bed.pki.authority(root, "Revocable CA", build)

    def crl(
        self,
        by: Authority,
        *serials: int,
        signed: Any = None,
        scope: x509.IssuingDistributionPoint | None = None,
    ) -> bytes:
        """The CRL of `by`, on which `serials` are."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
        builder = builder.last_update(NOW - timedelta(days=1)).next_update(NOW + timedelta(days=6))
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW)
            builder = builder.add_revoked_certificate(entry.build())
        if scope:
            builder = builder.add_extension(scope, critical=True)
        return builder.sign(signed or by.key, hashes.SHA256()).public_bytes(DER)

    def response(
        self,
        request: bytes,
        *,
        status: str = "GOOD",
        days: tuple[int, int] = (-1, 6),
        by: Authority | None = None,
    ) -> bytes:
        """What an OCSP responder says of the certificate that `request` names."""
        by = by or self.middle
        asked = ocsp.load_der_ocsp_request(request)
        revoked = status == "REVOKED"
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus[status],
            this_update=NOW + timedelta(days=days[0]),
            next_update=NOW + timedelta(days=days[1]),
            revocation_time=NOW - timedelta(days=2) if revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
        return builder.sign(by.key, hashes.SHA256()).public_bytes(DER)

    def audited(self, *, responder: str = "", listed: str = "", allowed: bool = True) -> TlsScan:
        """The audit of a server whose certificate names these URLs."""

        def build(builder: Builder) -> Builder:
            builder = for_servers(builder)
            builder = _responding(builder, responder) if responder else builder
            return _listed(builder, listed) if listed else builder

        pki = self.bed.pki
        served = pki.served("revocable", pki.leaf(by=self.middle, build=build), self.middle.above)
        endpoint = Endpoint(
            host="127.0.0.1",
            port=self.bed.start(Python(served=served)),
            server_name=NAME,
            ca_file=pki.ca_file,
            plain_port=0,
            revocation=allowed,
        )
        (scan,) = audit_endpoints([endpoint], Limits(rate=0))
        return scan

    def question(self, *lists: str, responder: str = "") -> Question:
        """About a fresh certificate of this CA."""
        leaf = self.bed.pki.leaf(by=self.middle)[0]
        return Question(leaf, self.middle.certificate, (responder,) if responder else (), lists)


def _responding(builder: Builder, url: str) -> Builder:
    place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    return builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)


def _listed(builder: Builder, url: str) -> Builder:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)


@pytest.fixture(scope="module")
def authorities() -> Iterator[Authorities]:
    answers: dict[str, Callable[[bytes], tuple[int, bytes]]] = {}
    asked: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            status, body = answers[self.path](self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(status)
            self.send_header("Location", "/good")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Bed() as bed:
        yield Authorities(bed, f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    server.server_close()


def verdict(scan: TlsScan) -> tuple[Status, str]:
    found = next(f for f in judge([scan]) if f.control == CONTROL)
    return found.status, found.detail


def test_a_good_certificate_passes_by_ocsp(authorities: Authorities) -> None:
    authorities.answers["/good"] = lambda request: (200, authorities.response(request))
    scan = authorities.audited(responder=f"{authorities.url}/good")
    assert verdict(scan) == (Status.PASS, "")
    assert [one.source for one in scan.revocation or ()] == ["OCSP", "CRL"]
    assert [f for f in judge([scan]) if f.status in (Status.FAIL, Status.ERROR)] == []


def test_nobody_is_asked_unless_the_operator_allows_it(authorities: Authorities) -> None:
    scan = authorities.audited(responder=f"{authorities.url}/never", allowed=False)
    assert verdict(scan)[0] is Status.NOT_APPLICABLE
    assert "/never" not in authorities.asked


def test_a_revoked_certificate_fails_by_ocsp(authorities: Authorities) -> None:
    authorities.answers["/revoked"] = lambda request: (200, authorities.response(request, status="REVOKED"))
    status, detail = verdict(authorities.audited(responder=f"{authorities.url}/revoked"))
    assert status is Status.FAIL
    assert "is revoked (OCSP)" in detail


def test_a_list_clears_what_is_not_on_it_and_fails_what_is(authorities: Authorities) -> None:
    serials: list[int] = []
    authorities.answers["/middle.crl"] = lambda _: (200, authorities.crl(authorities.middle, *serials))
    assert verdict(authorities.audited(listed=f"{authorities.url}/middle.crl")) == (Status.PASS, "")
    question = authorities.question(f"{authorities.url}/middle.crl")
    assert status_of(question, public=False).status == "good"
    serials.append(question.certificate.serial_number)
    assert status_of(question, public=False).status == "revoked"


def test_a_revoked_intermediate_fails(authorities: Authorities) -> None:
    authorities.answers["/good"] = lambda request: (200, authorities.response(request))
    serial = authorities.middle.certificate.serial_number
    before = authorities.answers["/root.crl"]
    authorities.answers["/root.crl"] = lambda _: (200, authorities.crl(authorities.bed.pki.root, serial))
    try:
        status, detail = verdict(authorities.audited(responder=f"{authorities.url}/good"))
    finally:
        authorities.answers["/root.crl"] = before
    assert status is Status.FAIL
    assert "Revocable CA is revoked (CRL)" in detail


def _about_the_root(authorities: Authorities) -> bytes:
    root = authorities.bed.pki.root.certificate
    builder = ocsp.OCSPRequestBuilder().add_certificate(root, root, hashes.SHA256())
    return builder.build().public_bytes(DER)


def _later() -> bytes:
    status = ocsp.OCSPResponseStatus.TRY_LATER
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(DER)


Response = Callable[[Authorities, bytes], tuple[int, bytes]]
NO_ANSWER: dict[str, tuple[Response, str]] = {
    "unknown": (lambda a, r: (200, a.response(r, status="UNKNOWN")), "does not know it"),
    "expired": (lambda a, r: (200, a.response(r, days=(-9, -2))), "went out of date"),
    "from the future": (lambda a, r: (200, a.response(r, days=(2, 9))), "from the future"),
    "forged": (lambda a, r: (200, a.response(r, by=a.bed.pki.stranger)), "does not verify"),
    "of another": (lambda a, r: (200, a.response(_about_the_root(a))), "about another certificate"),
    "try later": (lambda a, r: (200, _later()), "it says try_later"),
    "garbage": (lambda a, r: (200, b"no"), "does not parse"),
    "nothing": (lambda a, r: (200, b""), "does not parse"),
    "a flood": (lambda a, r: (200, b"x" * 300_000), "longer than"),
    "an error of HTTP": (lambda a, r: (503, b""), "answers 503"),
    "a redirect, to one that is good": (lambda a, r: (302, b""), "answers 302"),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_an_answer_that_does_not_hold_is_an_error_and_no_pass(authorities: Authorities, name: str) -> None:
    make, reason = NO_ANSWER[name]
    authorities.answers["/odd"] = lambda request: make(authorities, request)
    status, detail = verdict(authorities.audited(responder=f"{authorities.url}/odd"))
    assert status is Status.ERROR
    assert reason in detail


def test_a_responder_that_cannot_be_reached_is_an_error(authorities: Authorities) -> None:
    closed = f"http://127.0.0.1:{free_ports(1)[0]}/"
    status, detail = verdict(authorities.audited(responder=closed))
    assert status is Status.ERROR
    assert f"{closed}: it cannot be asked (Connection refused)" in detail


def test_a_list_answers_where_the_responder_does_not(authorities: Authorities) -> None:
    authorities.answers["/middle.crl"] = lambda _: (200, authorities.crl(authorities.middle))
    closed = f"http://127.0.0.1:{free_ports(1)[0]}/"
    scan = authorities.audited(responder=closed, listed=f"{authorities.url}/middle.crl")
    assert verdict(scan) == (Status.PASS, "")


def test_a_certificate_that_names_nobody_to_ask_is_an_error(authorities: Authorities) -> None:
    status, detail = verdict(authorities.audited())
    assert status is Status.ERROR
    assert "names neither an OCSP responder nor a CRL" in detail


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://169.254.169.254/latest/",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://[::ffff:a9fe:a9fe]/",
        ),
        *("https://127.0.0.1/", "file:///etc/passwd", "ldap://127.0.0.1/", "http://u:p@127.0.0.1/"),
        *("http://[", "http://127.0.0.1:99999/", "http:///x", "http://a\nb/", "http://127.0.0.1/a b", ""),
    ],
)
def test_no_url_leads_to_metadata_or_past_http(authorities: Authorities, url: str) -> None:
    question = authorities.question(url, responder=url or "x")
    answer = status_of(question, public=False)
    assert (answer.status, bool(answer.problem)) == ("", True)
    assert "no answer in time" not in answer.problem


def test_a_public_ca_s_url_leads_to_no_private_address(authorities: Authorities) -> None:
    question = authorities.question(responder=f"{authorities.url}/private")
    assert "not an address to ask" in status_of(question, public=True).problem
    assert "/private" not in authorities.asked


def _scoped(**changes: Any) -> x509.IssuingDistributionPoint:
    settings: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(settings | changes))


def test_a_list_that_does_not_speak_for_the_certificate_says_nothing(authorities: Authorities) -> None:
    """Signed by the same CA, and about others of its certificates: it must not clear this one."""
    here, there = "http://127.0.0.1/part-1.crl", "http://127.0.0.1/part-2.crl"
    question = authorities.question(here)
    own = _scoped(full_name=[x509.UniformResourceIdentifier(here)], only_contains_user_certs=True)
    others = (
        _scoped(full_name=[x509.UniformResourceIdentifier(there)]),
        _scoped(only_contains_ca_certs=True),
        _scoped(only_contains_attribute_certs=True),
        _scoped(indirect_crl=True),
        _scoped(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])),
    )
    assert read_list(authorities.crl(authorities.middle, scope=own), question).status == "good"
    for scope in others:
        answer = read_list(authorities.crl(authorities.middle, scope=scope), question)
        assert (answer.status, answer.problem) == ("", "the CRL is about other certificates of this CA")


def test_a_list_of_another_ca_or_another_signer_says_nothing(authorities: Authorities) -> None:
    question = authorities.question()
    foreign = authorities.crl(authorities.bed.pki.stranger)
    forged = authorities.crl(authorities.middle, signed=authorities.bed.pki.stranger.key)
    assert "another CA" in read_list(foreign, question).problem
    assert "does not verify" in read_list(forged, question).problem
    for garbage in (b"", b"no", b"-----BEGIN X509 CRL-----\n"):
        assert "does not parse" in read_list(garbage, question).problem
        assert read_response(garbage, question).status == ""


def test_an_answer_with_any_byte_changed_breaks_nothing_and_clears_nothing(authorities: Authorities) -> None:
    """Parts of an answer are parsed late: each byte in turn is another one."""
    question = authorities.question()
    response, listed = authorities.response(question.request), authorities.crl(authorities.middle)
    assert read_response(response, question).status == "good"
    assert read_list(listed, question).status == "good"
    for read, data in ((read_response, response), (read_list, listed)):
        for at in range(len(data)):
            changed = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
            answer = read(changed, question)
            assert answer.status == "" or (answer.source == "OCSP" and _unsigned_part(at, response)), at


def _unsigned_part(at: int, response: bytes) -> bool:
    """Whether a byte stands before what an OCSP response signs: lengths and types of its wrapping."""
    return at < response.index(ocsp.load_der_ocsp_response(response).tbs_response_bytes)
