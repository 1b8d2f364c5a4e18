"""A run is signed by a key that never leaves KMS, and verified with its public half alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardening import dsse
from hardening.checks import Status
from hardening.errors import CollectError, ConfigError, CredentialsError
from scanners.evidence.bundle import write
from scanners.evidence.kms_key import kms_key
from scanners.evidence.statement import statement_fault
from tests.beds.aws_account import Account, emulated_account
from tests.scanners.evidence.test_history import a_run


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with emulated_account() as account:
        monkeypatch.setenv("AWS_ENDPOINT_URL", account.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield account


def test_a_key_of_kms_signs_a_run_and_no_other_key_verifies_it(account: Account, tmp_path: Path) -> None:
    made = account.kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    key = kms_key(made)
    run, _ = write(a_run(0, a=Status.PASS), tmp_path, key)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public = dsse.verifying_key(pem)
    assert statement_fault(run, public) == ""
    assert dsse.key_id(public) in (run / "report.html").read_text(encoding="utf-8")
    other = Ed25519PrivateKey.generate().public_key()
    assert statement_fault(run, other) == "is signed by no known key"
    manifest = run / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("test", "text"), encoding="utf-8")
    assert statement_fault(run, public) == "was signed for another run"
    with pytest.raises(CollectError, match="4096 bytes at most"):
        key.sign(b"x" * 4097)
    _refuse_what_is_no_such_key(account, made)


def _refuse_what_is_no_such_key(account: Account, made: str) -> None:
    rsa = account.kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["Arn"]
    with pytest.raises(ConfigError, match="expected a key of ECC_NIST_P256"):
        kms_key(rsa)
    with pytest.raises(CollectError, match="GetPublicKey: NotFound"):
        kms_key(made[:-4] + "0000")
    with pytest.raises(ConfigError, match="expected the ARN of a key"):
        kms_key("arn:aws:s3:::bucket")


def test_a_profile_that_is_not_there_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with pytest.raises(CredentialsError, match="nowhere"):
        kms_key("arn:aws:kms:eu-central-1:111122223333:key/a")


def test_a_key_of_another_curve_verifies_nothing() -> None:
    pem = generate_private_key(SECP384R1()).public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    with pytest.raises(ValueError, match="Ed25519 or P-256"):
        dsse.verifying_key(pem)
