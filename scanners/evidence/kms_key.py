"""A signing key that never leaves AWS KMS."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardening.errors import CollectError, ConfigError, CredentialsError

_ALGORITHM: Final = "ECDSA_SHA_256"
_SPEC: Final = "ECC_NIST_P256"
_ARN: Final = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/[A-Za-z0-9/_-]+")
_MOST_BYTES: Final = 4096  # of a message that KMS signs as it is (API reference, Sign)
_HINT: Final = f"make one: aws kms create-key --key-usage SIGN_VERIFY --key-spec {_SPEC}"


class KmsKey:
    """An asymmetric key of KMS (P-256). It signs the message (`MessageType=RAW`), and no digest of ours."""

    def __init__(self, client: Any, name: str, public: EllipticCurvePublicKey) -> None:
        self._client, self._name, self._public = client, name, public

    def public_key(self) -> EllipticCurvePublicKey:
        """The public half, as KMS gave it."""
        return self._public

    def sign(self, data: bytes, /) -> bytes:
        """The signature (DER). Raises CollectError and CredentialsError."""
        if len(data) > _MOST_BYTES:
            raise CollectError(f"{self._name}: KMS signs {_MOST_BYTES} bytes at most, not {len(data)}")
        answer = _asked(
            self._name, self._client.sign,
            KeyId=self._name, Message=data, MessageType="RAW", SigningAlgorithm=_ALGORITHM,
        )  # fmt: skip
        return bytes(answer["Signature"])


def kms_key(name: str) -> KmsKey:
    """The key of that ARN. Raises ConfigError for another kind, CollectError and CredentialsError."""
    found = _ARN.fullmatch(name)
    if not found:
        raise ConfigError(f"{name}: expected the ARN of a key or an alias in KMS", _HINT)
    client = _asked(name, partial(boto3.client, "kms"), region_name=found["region"])
    told = _asked(name, client.get_public_key, KeyId=name)
    # Of one for other than signatures, or that is no key that this library knows, nothing is signed.
    signs = _ALGORITHM in (told.get("SigningAlgorithms") or ())
    public = load_der_public_key(told["PublicKey"]) if signs else None
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        raise ConfigError(f"{name}: expected a key of {_SPEC} to sign with", _HINT)
    return KmsKey(client, name, public)


def _asked(name: str, call: Any, **parameters: Any) -> Any:
    try:
        return call(**parameters)
    except (NoCredentialsError, PartialCredentialsError):
        raise CredentialsError("no AWS credentials", "set AWS_PROFILE, or the AWS_* variables") from None
    except ClientError as error:
        code = error.response["Error"].get("Code", "unknown error")
        raise CollectError(f"{name}: {error.operation_name}: {code}") from None
    except ProfileNotFound as error:
        raise CredentialsError(f"AWS's settings on this machine: {error}", "set AWS_PROFILE") from None
    except BotoCoreError as error:
        raise CollectError(f"{name}: {type(error).__name__}") from None
