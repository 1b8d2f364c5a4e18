"""Certificates that we show: from a file, from a contract, and never their keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hardening.checks import Status
from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.requests.samples import EMSP
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.certificates.shown import client_certificate
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import read_endpoints
from scanners.tls.judge import judge
from scanners.tls.partner_endpoints import partner_endpoints
from scanners.tls.results import as_json
from tests.beds.tls.bed import Bed
from tests.beds.tls.client_files import client_file
from tests.beds.tls.pki import NAME, Key, rsa_key
from tests.beds.tls.servers import OpenSsl

LIMITS = Limits(rate=0)


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with Bed() as running:
        yield running


def _strict(bed: Bed) -> Endpoint:
    options = ("-Verify", "2", "-verify_return_error", "-CAfile", bed.pki.ca_file)
    port = bed.start(OpenSsl(served=bed.pki.good, options=options))
    return Endpoint(
        host="127.0.0.1",
        port=port,
        server_name=NAME,
        ca_file=bed.pki.ca_file,
        plain_port=0,
        client_certificate=True,
    )


def test_every_kind_of_key_is_taken_by_a_server_that_checks_its_proof(bed: Bed) -> None:
    keys: dict[str, Key] = {
        "rsa": rsa_key(),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    strict = _strict(bed)
    endpoints = [
        replace(strict, client_file=client_file(bed.pki, name, bed.pki.root, key))
        for name, key in keys.items()
    ]
    scans = audit_endpoints(endpoints, LIMITS)
    assert [scan.clients["ours"].status for scan in scans] == [200] * 4
    assert {f.status for f in judge(scans)} <= {Status.PASS, Status.NOT_APPLICABLE}


def test_no_key_is_in_the_results(bed: Bed) -> None:
    file = client_file(bed.pki, "results", bed.pki.root)
    text = as_json(audit_endpoints([replace(_strict(bed), client_file=file)], LIMITS))
    assert "PRIVATE" not in text
    assert file not in text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected certificates"),
        ("chain", "expected a private key"),
        ("chain and another's key", "not that of the first certificate"),
        ("chain and encrypted key", "not encrypted"),
    ],
)
def test_a_file_that_cannot_be_shown_is_told_before_anything_is_asked(bed: Bed, text: str, why: str) -> None:
    served = bed.pki.served("unshown", bed.pki.leaf())
    key = serialization.load_pem_private_key(Path(served.key).read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"only a test"),
    )
    chain, another = Path(served.chain).read_bytes(), Path(bed.pki.good.key).read_bytes()
    contents = {"": b"", "chain": chain, "chain and another's key": chain + another}
    file = bed.pki.folder / f"unshown-{len(text)}.pem"
    file.write_bytes(contents.get(text, chain + locked))
    with pytest.raises(ConfigError, match=why):
        audit_endpoints([Endpoint(host="127.0.0.1", client_file=str(file))], LIMITS)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.pem: client certificate: No such file"):
        client_certificate("nowhere.pem")


def test_a_list_names_a_certificate_beside_it_for_each_endpoint(bed: Bed) -> None:
    file = client_file(bed.pki, "listed", bed.pki.root)
    rows = f"endpoint,client_cert\na.example,{Path(file).name}\nb.example,\nc.example,gone.pem\n"
    listed = bed.pki.folder / "list.csv"
    listed.write_text(rows)
    found = read_endpoints(listed, Endpoint(host=""))
    assert [endpoint.client_file for endpoint in found.endpoints] == [file, ""]
    assert ["list.csv:4" in line and "gone.pem" in line for line in found.problems] == [True]


def test_a_contract_names_a_certificate_and_the_folder_has_it(bed: Bed) -> None:
    Path(client_file(bed.pki, "partner", bed.pki.root)).rename(bed.pki.folder / "acme-2026.pem")
    partner = replace(
        EMSP, callback_hosts=(CallbackHost("a.example"),), client_certificate_out="acme-2026", tls_pins=()
    )
    [there] = partner_endpoints([partner], Endpoint(host=""), bed.pki.folder)
    assert (there.client_certificate, there.client_missing) == (True, "")
    assert there.client_file == str(bed.pki.folder / "acme-2026.pem")
    [gone] = partner_endpoints([partner], Endpoint(host="", client_file="x.pem"), bed.pki.folder / "other")
    assert (gone.client_certificate, gone.client_file, gone.client_missing) == (True, "", "acme-2026")
