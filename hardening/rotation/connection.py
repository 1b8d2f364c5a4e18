"""What a rotation works with: a partner, its secrets, its tokens' records, a way to call it, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from hardening.registry.partners import Partner
from hardening.requests.tokens import digest
from hardening.rotation.records import Conflict, Terms, TokenRecord, TokenRecords, confirm

INBOUND, OUTBOUND = "inbound", "outbound"
_GENERIC_SERVER_ERROR = 3000


class Stage(StrEnum):
    """The staging labels of a secret's versions (Secrets Manager User Guide, "Secret versions")."""

    CURRENT = "AWSCURRENT"
    PENDING = "AWSPENDING"
    PREVIOUS = "AWSPREVIOUS"


@dataclass(frozen=True, slots=True)
class Secret:
    """One version of a secret: an inbound one has a token only.

    An outbound one has the partner's credentials endpoint (`url`), its versions endpoint where it is known,
    and our Credentials object without the token (`ours`). `version` is the one in use, and `endpoints` are
    the partner's of it, as `module:ROLE` to URL (2.1.1 has no roles: `module`); `modules` are those that its
    modules route names. `answers` is the digest of
    the inbound token that the partner confirmed by giving this one. Before registration, `token` is the
    partner's CREDENTIALS_TOKEN_A.
    """

    token: str
    url: str = ""
    ours: Mapping[str, Any] = field(default_factory=dict)
    versions: str = ""
    answers: str = ""
    registered: bool = True
    version: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Secret(url={self.url!r}, ...)"


class Vault(Protocol):
    """The two secrets of one partner. What was written is there after a crash; what cannot answer raises."""

    def read(self, direction: str, stage: Stage) -> Secret | None:
        """The version at `stage`; None where there is none, and for a pending one that is current already."""

    def write_pending(self, direction: str, secret: Secret) -> None:
        """Write a version at AWSPENDING; the one that was there loses the label."""

    def promote(self, direction: str) -> None:
        """Make the pending version the current one, and the current one the previous; once is enough."""

    def discard(self, direction: str) -> None:
        """Take AWSPENDING from the version that has it."""

    def waits(self, direction: str) -> bool:
        """Whether a version is pending that is not current; no version is read for it."""


class Outcome(StrEnum):
    """What became of a call to a partner, as far as we can know."""

    DONE = "done"
    REFUSED = "refused"  # it said so: nothing was changed
    MOVED = "moved"  # a redirect: nothing was changed, and nobody has looked at the token
    UNKNOWN_TOKEN = "unknown token"  # noqa: S105  (HTTP 401 or 403)
    NOT_ALLOWED = "not allowed"  # HTTP 405: registered already, or not yet
    IN_DOUBT = "in doubt"  # no answer, or none that says whether it was done


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a call, and `data` of the answer's envelope. `detail` holds no token."""

    outcome: Outcome
    data: Any = None
    detail: str = ""

    def __repr__(self) -> str:
        return f"Answer({self.outcome!r}, detail={self.detail!r})"


# Method, URL, token, body -> answer. It calls nothing but https on a callback host of the partner, follows
# no redirect, and never raises for what a partner does.
Call = Callable[[str, str, str, Mapping[str, Any] | None], Answer]


@dataclass(frozen=True, slots=True)
class Connection:
    """One partner of one environment, and all that its credentials are kept in.

    `ours` is our Credentials object of a version without the token, as it is today; None where nobody said it
    since the registration.
    """

    partner: Partner
    terms: Terms
    vault: Vault
    records: TokenRecords
    call: Call
    clock: Callable[[], datetime]
    ours: Callable[[str], Mapping[str, Any]] | None = None

    def record(self, secret: Secret | None) -> TokenRecord | None:
        """The token store's record of an inbound secret."""
        return None if secret is None else self.records.find(digest(secret.token))

    def confirm(self, new: TokenRecord) -> None:
        """The partner has this token: it is active, and its predecessor ends with the overlap.

        Raises Conflict where others keep changing the records.
        """
        for _ in range(5):
            now = self.records.find(new.digest)
            old = self.records.find(new.replaces) if new.replaces else None
            if now is None or now.state != "offered":
                return
            try:
                self.records.apply(confirm(now, old, now=self.clock(), remaining=self.terms.overlap))
                return
            except Conflict:
                continue
        raise Conflict

    def ask(self, method: str, url: str, token: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Call the partner; where it redirects, ask at the same URL with a `/` at its end.

        Some platforms name endpoints without it and serve them with it; a redirect did nothing. Where it
        leads is not looked at, so the token goes nowhere but to the endpoint that was named.
        """
        answer = self.call(method, url, token, body)
        if answer.outcome is not Outcome.MOVED or url.endswith("/") or "?" in url:
            return answer
        there = self.call(method, f"{url}/", token, body)
        return answer if there.detail == "HTTP 404" or there.outcome is Outcome.MOVED else there

    def honours(self, secret: Secret) -> Answer:
        """Ask the partner whether it takes a token: by GET credentials, or GET versions before registration.

        CREDENTIALS_TOKEN_A need not open more than versions and POST credentials. A refusal of the method or
        the message (404, 405) need not have looked at the token: then versions, which every party serves, has
        the word, and without a word the token is in doubt.
        """
        if secret.registered and secret.url:
            answer = self._asked(secret, secret.url)
            if answer.outcome not in (Outcome.REFUSED, Outcome.NOT_ALLOWED):
                return answer
            if not secret.versions:
                # An old secret does not say where versions are: whoever refuses may have taken the token.
                return replace(answer, outcome=Outcome.DONE, data=None)
        answer = replace(self._asked(secret, secret.versions), data=None)
        known = answer.outcome in (Outcome.DONE, Outcome.UNKNOWN_TOKEN)
        return answer if known else replace(answer, outcome=Outcome.IN_DOUBT)

    def _asked(self, secret: Secret, url: str) -> Answer:
        answer = self.ask("GET", url, secret.token)
        # Whatever stands before the partner's platform can redirect: of the token it says nothing.
        return replace(answer, outcome=Outcome.IN_DOUBT) if answer.outcome is Outcome.MOVED else answer


def answer_of(http_status: int | None, envelope: object) -> Answer:
    """Read a partner's answer: an HTTP status (None: there was no answer) and the JSON of its body.

    OCPI 2.2.1, 5: 1000 is success, 2000 to 3999 are refusals. What is neither, the generic server error
    (3000), and every server error of HTTP say nothing about what was done: in doubt.
    """
    if http_status is None or http_status >= 500 or http_status in (408, 429):
        return Answer(Outcome.IN_DOUBT, detail=f"HTTP {http_status}" if http_status else "no answer")
    if http_status in (401, 403):
        return Answer(Outcome.UNKNOWN_TOKEN, detail=f"HTTP {http_status}")
    if http_status == 405:
        return Answer(Outcome.NOT_ALLOWED, detail="HTTP 405")
    if http_status < 200 or 300 <= http_status < 400:
        return Answer(Outcome.MOVED, detail=f"HTTP {http_status}")
    if http_status >= 400:
        return Answer(Outcome.REFUSED, detail=f"HTTP {http_status}")
    status = envelope.get("status_code") if isinstance(envelope, dict) else None
    if isinstance(envelope, dict) and status == 1000:
        return Answer(Outcome.DONE, envelope.get("data"))
    if isinstance(status, int):
        refused = 2000 <= status < 4000 and status != _GENERIC_SERVER_ERROR
        return Answer(Outcome.REFUSED if refused else Outcome.IN_DOUBT, detail=f"OCPI status {status}")
    return Answer(Outcome.IN_DOUBT, detail="no OCPI envelope")
