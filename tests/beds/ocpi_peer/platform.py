"""What the peer answers: versions, version details and credentials, with one fault at a time."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any

# What becomes of the next POST or PUT credentials.
FAULTS = (
    "slow",  # it is stored, and answered after the caller has gone
    "500",
    "drops before it stores",
    "drops after it stored",
    "3000 after it stored",  # it broke while it wrote its answer
    "405 to PUT",
    "405 to all",
    "same token",
    "a token that it does not keep",
    "our token",
    "no token",
    "plaintext URL",
    "redirect",
    "wrong party",
    "refuses",
    "not JSON",
    "endless",
    "starts too",  # in the middle of our call it makes its own
)
# What is wrong with versions and version details, for as long as it is set.
DISCOVERY_FAULTS = (
    "versions broken",
    "no common version",
    "endpoints missing",
    "plaintext endpoint",
    "credentials elsewhere",
    "GET credentials redirected",
    "GET credentials refused",
    "GET credentials unknown",
)

_BEFORE_THE_TOKEN = {"GET credentials refused": 405, "GET credentials unknown": 404}


@dataclass(slots=True)
class Reply:
    """`status` 0: the connection ends without an answer. `wait` in seconds; `size` bytes of padding."""

    status: int
    ocpi: int = 1000
    data: Any = None
    wait: float = 0.0
    location: str = ""
    text: str = ""
    size: int = 0


@dataclass(slots=True)
class Platform:
    """`takes` are the tokens that open it, `presents` is the one that it calls us with.

    `old_token`: when the one before ends (`at once`, `at use` of the new one, `never`). `reads`: which form
    of the header it understands (`base64`, `raw`); `writes`: the one that it sends (`line feed`: Base64 of
    the token and a line feed; `no padding`).
    """

    origin: str
    token_a: str
    takes: list[str] = field(default_factory=list)
    presents: str = ""
    fault: str = ""
    discovery_fault: str = ""
    old_token: str = "at use"
    tells_token: bool = False
    reads: str = "base64"
    writes: str = "base64"
    versions: list[str] = field(default_factory=lambda: ["2.2.1"])
    modules_route: str = ""  # /ocpi/{version}/modules, or with a role
    modules: list[str] = field(default_factory=list)
    registered: bool = False
    trying: str = ""  # a new token of its own making, which we have not agreed to yet
    calls: list[str] = field(default_factory=list)

    def header(self, token: str) -> str:
        """How it presents `token`."""
        text = token + "\n" if self.writes == "line feed" else token
        encoded = base64.b64encode(text.encode()).decode()
        if self.writes == "no padding":
            encoded = encoded.rstrip("=")
        return f"Token {token if self.writes == 'raw' else encoded}"

    def answer(self, method: str, path: str, authorization: str, body: Any) -> Reply:
        """The answer to one OCPI call."""
        self.calls.append(f"{method} {path}")
        if method == "GET" and path.endswith("/credentials") and self.discovery_fault in _BEFORE_THE_TOKEN:
            # The route is looked for before anybody looks at the token.
            return Reply(_BEFORE_THE_TOKEN[self.discovery_fault], 2000)
        token = self._token(authorization)
        if token is None:
            return Reply(401, 2000)
        if self.old_token == "at use" and token in self.takes and token != self.trying:
            self.takes = self.takes[self.takes.index(token) :]
        if path == "/ocpi/versions":
            return self._versions()
        if path.endswith("/modules"):
            named = [{"identifier": one} for one in self.modules]
            return Reply(200, data={"modules": named}) if path == self.modules_route else Reply(404, 2000)
        version = path.split("/")[2]
        if version not in self.versions:
            return Reply(404, 2000)
        if path == f"/ocpi/{version}":
            return self._details(version)
        if path == f"/ocpi/{version}/credentials":
            return self._credentials(method, token, body)
        return Reply(404, 2000) if path.endswith("/") else Reply(200, data=[])

    def _token(self, authorization: str) -> str | None:
        known = [*self.takes, *([self.token_a] if self.token_a else [])]
        forms = {
            base64.b64encode(one.encode()).decode() if self.reads == "base64" else one: one for one in known
        }
        return forms.get(authorization.removeprefix("Token "))

    def _versions(self) -> Reply:
        if self.discovery_fault == "versions broken":
            return Reply(200, 1000, {"not": "a list"})
        names = ["2.0"] if self.discovery_fault == "no common version" else self.versions
        return Reply(200, data=[{"version": one, "url": f"{self.origin}/ocpi/{one}"} for one in names])

    def _details(self, version: str) -> Reply:
        root = f"{self.origin}/ocpi/{version}"
        urls = {name: f"{root}/{name}" for name in ("credentials", "locations", "tokens")}
        if self.discovery_fault == "endpoints missing":
            del urls["credentials"]
        if self.discovery_fault == "plaintext endpoint":
            urls["tokens"] = urls["tokens"].replace("https:", "http:")
        if self.discovery_fault == "credentials elsewhere":
            urls["credentials"] = "https://169.254.169.254/latest"
        endpoints = [{"identifier": name, "role": "SENDER", "url": url} for name, url in urls.items()]
        if version == "2.1.1":
            endpoints = [{"identifier": one["identifier"], "url": one["url"]} for one in endpoints]
        return Reply(200, data={"version": version, "endpoints": endpoints})

    def _credentials(self, method: str, token: str, body: Any) -> Reply:
        if method == "GET" and self.discovery_fault == "GET credentials redirected":
            return Reply(302, location=f"{self.origin}/login")
        if method == "GET":
            return Reply(200, data=self.credentials(token if self.tells_token else "#NA"))
        if method == "DELETE":
            self.takes, self.registered = [], False
            return Reply(200) if token != self.token_a else Reply(405, 2000)
        fault, self.fault = self.fault, ""
        if before := _before(fault, method):
            self.fault = fault if fault == "405 to all" else ""
            return before
        if (method == "POST") == self.registered:
            return Reply(405, 2000)
        self.registered, self.presents = True, body["token"]
        return self._after(fault, token, body)

    def _after(self, fault: str, token: str, body: Any) -> Reply:
        given = {"same token": token, "our token": body["token"], "no token": None}.get(
            fault, secrets.token_urlsafe(32)
        )
        if given and fault not in ("same token", "our token", "a token that it does not keep"):
            self.add(given)
        if fault == "drops after it stored":
            return Reply(0)
        if fault == "3000 after it stored":
            return Reply(200, 3000)
        answered = self.credentials(given)
        if fault == "plaintext URL":
            answered["url"] = answered["url"].replace("https:", "http:")
        if fault == "wrong party":
            answered["roles"] = [{**answered["roles"][0], "party_id": "EVL"}]
        return Reply(200, data=answered, wait=4.0 if fault == "slow" else 0.0)

    def add(self, token: str) -> None:
        """Take another token; the one before ends as `old_token` says."""
        self.takes = [*([] if self.old_token == "at once" else self.takes), token]
        if self.old_token == "at once":
            self.token_a = ""

    def credentials(self, token: str | None) -> dict[str, Any]:
        """Its Credentials object."""
        party = {"country_code": "NL", "party_id": "EMX"}
        role = {"role": "EMSP", "business_details": {"name": "Peer"}, **party}
        named = {} if token is None else {"token": token}
        return {**named, "url": f"{self.origin}/ocpi/versions", "roles": [role]}


def _before(fault: str, method: str) -> Reply | None:
    """What happens instead of storing anything."""
    if fault == "405 to all" or (fault == "405 to PUT" and method == "PUT"):
        return Reply(405, 2000)
    replies = {
        "500": Reply(500, 3000),
        "drops before it stores": Reply(0),
        "redirect": Reply(307, location="http://169.254.169.254/latest/meta-data"),
        "refuses": Reply(200, 3001),
        "not JSON": Reply(200, text="<html>welcome</html>"),
        "endless": Reply(200, size=50_000_000),
    }
    return replies.get(fault)
