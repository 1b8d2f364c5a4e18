"""The egress guard's own certificate and those that it shows partners, read anew so that they can be renewed.

Authorities outside issue them, and a person puts them in place. What ends soon is said in the log once an
hour, where an alarm counts it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from hardening.egress.callers import client_certificate_secret
from hardening.egress.tls_policy import CERTIFICATE_ENDS
from hardening.errors import ConfigError
from infra.runtime.egress.partner_tls import load_chain
from infra.runtime.http_service import log

_NOTICE_DAYS = 30
_EVERY_SECONDS = 3600.0

# The text (PEM, with its key) of a certificate as it is now. Raises ConfigError where there is none.
Text = Callable[[], str]


class OwnCertificate:
    """What the guard shows its callers; connections that are opened after a renewal see the new one."""

    def __init__(self, text: Text) -> None:
        """Raises ConfigError where there is no certificate to begin with."""
        self.context = _server_context()
        self._text = text
        self._in_use = ""
        self.renewed()

    def renewed(self) -> str:
        """Take what is there now into use, and return it. Raises ConfigError: the one in use stays."""
        found = self._text()
        if found != self._in_use:
            # Tried beside the context first: one that is half changed would serve nobody.
            load_chain(_server_context(), found, "the egress guard's certificate")
            load_chain(self.context, found, "the egress guard's certificate")
            self._in_use = found
        return found


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def text_in(file: Path) -> str:
    """The text of a file. Raises ConfigError."""
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no PEM"
        raise ConfigError(f"{file}: {why}") from None


def secret_text(client: Any, name: str) -> str:
    """The current value of a secret. Raises ConfigError where there is none, or it may not be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])
    except ClientError as error:
        raise ConfigError(f"{name}: {error.response['Error']['Code']}") from None
    except (BotoCoreError, KeyError) as error:
        raise ConfigError(f"{name}: {type(error).__name__}") from None


def in_folder(folder: Path) -> Callable[[str], str]:
    """The certificates that we show partners, as NAME.pem in `folder`."""
    return lambda name: text_in(folder / f"{name}.pem")


def in_secrets(client: Any, environment: str) -> Callable[[str], str]:
    """The certificates that we show partners, each a secret of its own in Secrets Manager."""
    return lambda name: secret_text(client, client_certificate_secret(environment, name))


def days_left(text: str, now: datetime) -> int:
    """Until the first certificate in `text` (PEM) ends; negative after that. Raises ValueError for none."""
    ends = min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(text.encode()))
    return (ends - now).days


def ending(certificates: Mapping[str, Text], now: datetime) -> Iterator[tuple[str, int | None, str]]:
    """Which of these end within 30 days: name, days and "", or None and why nobody can say when."""
    for name, text in certificates.items():
        try:
            days = days_left(text(), now)
        except ConfigError as error:
            yield name, None, error.message
        except ValueError:
            yield name, None, "no certificate in PEM"
        else:
            if days < _NOTICE_DAYS:
                yield name, days, ""


async def watch(certificates: Callable[[], Mapping[str, Text]]) -> None:
    """Renew and judge them all, at once and then every hour, for as long as the service runs."""
    while True:
        found = await asyncio.to_thread(lambda: list(ending(certificates(), datetime.now(UTC))))
        for name, days, why in found:
            log(level="error", event=CERTIFICATE_ENDS, certificate=name, days=days, detail=why)
        await asyncio.sleep(_EVERY_SECONDS)
