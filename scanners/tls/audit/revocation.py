"""Asks OCSP responders and fetches CRLs, where the operator allows it.

Only certificates of chains that lead to a listed CA are asked about: the URLs are then that CA's, not the
peer's. No redirect is followed, and nothing is asked of link-local addresses (cloud metadata); for a public
CA, of public addresses only.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import socket
import time
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from scanners.tls.certificates.facts import UNREADABLE
from scanners.tls.certificates.revocation import Question, questions, read_list, read_response
from scanners.tls.certificates.roots import Roots
from scanners.tls.revocation_facts import Revocation

_SECONDS: Final = 10.0
_LARGEST_RESPONSE: Final = 256 * 1024
_LARGEST_LIST: Final = 32 * 1024 * 1024
# Two of each kind: what a certificate names beyond that is not asked.
_MOST_URLS: Final = 2


class Responders:
    """The answers of one run: each certificate is asked about once, however many endpoints send it."""

    def __init__(self) -> None:
        self._answers: dict[tuple[bytes, ...], asyncio.Task[Revocation]] = {}

    async def about(self, chains: list[tuple[bytes, ...]], roots: Roots) -> tuple[Revocation, ...]:
        """What is known of each certificate of `chains`, once; leaves before what certifies them."""
        found: dict[tuple[str, str], Revocation] = {}
        for ders in chains:
            try:
                asked = list(questions(ders, roots))
            except UNREADABLE:
                asked = []
                problem = "the certificate, or who issued it, cannot be read"
                found["", ""] = Revocation(
                    subject="a server certificate", serial="", status="", problem=problem
                )
            for question in asked:
                answer = await self._about(question, public=not roots.private)
                found[answer.subject, answer.serial] = answer
        return tuple(found.values())

    async def _about(self, question: Question, *, public: bool) -> Revocation:
        key = tuple(one.public_bytes(Encoding.DER) for one in (question.certificate, question.issuer))
        if key not in self._answers:
            asking = asyncio.to_thread(status_of, question, public=public)
            self._answers[key] = asyncio.create_task(asking)
        return await self._answers[key]


def status_of(question: Question, *, public: bool) -> Revocation:
    """The first answer that holds: of OCSP responders, then of CRLs. Never raises for what they do."""
    problems = []
    for url in question.responders[:_MOST_URLS]:
        data, problem = _fetched(url, question.request, _LARGEST_RESPONSE, public=public)
        answer = question.answered(problem=problem) if problem else read_response(data, question)
        if not answer.problem:
            return answer
        problems.append(f"{url}: {answer.problem}")
    for url in question.lists[:_MOST_URLS]:
        data, problem = _fetched(url, b"", _LARGEST_LIST, public=public)
        answer = question.answered(problem=problem) if problem else read_list(data, question)
        if not answer.problem:
            return answer
        problems.append(f"{url}: {answer.problem}")
    reason = "; ".join(problems) or "the certificate names neither an OCSP responder nor a CRL"
    return question.answered(problem=reason)


def _fetched(url: str, body: bytes, most: int, *, public: bool) -> tuple[bytes, str]:
    """The body of the answer (POST for a `body`, else GET), or why there is none."""
    end = time.monotonic() + _SECONDS
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return b"", "it is no URL"
    if parts.scheme != "http" or not host or parts.username is not None:
        return b"", "only plain http is asked (RFC 5280, 4.2.1.13 and 4.2.2.1)"
    try:
        address = _address(host, port)
        if not _may_ask(address, public=public):
            return b"", f"{address} is not an address to ask"
        return _exchanged((address, port), parts.netloc, _target(parts.path, parts.query), body, most, end)
    except TimeoutError:
        return b"", "no answer in time"
    except (OSError, http.client.HTTPException, UnicodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else ""
        return b"", f"it cannot be asked ({reason or type(fault).__name__})"


def _address(host: str, port: int) -> str:
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


def _may_ask(text: str, *, public: bool) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or not public


def _target(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _exchanged(
    at: tuple[str, int], named: str, target: str, body: bytes, most: int, end: float
) -> tuple[bytes, str]:
    connection = http.client.HTTPConnection(*at, timeout=_SECONDS / 2)
    try:
        kind = {"Content-Type": "application/ocsp-request"} if body else {}
        headers = {"Host": named, "Connection": "close", **kind}
        connection.request("POST" if body else "GET", target, body or None, headers)
        response = connection.getresponse()
        if response.status != 200:
            return b"", f"it answers {response.status}"
        read = bytearray()
        while chunk := response.read1(65536):
            read += chunk
            if len(read) > most:
                return b"", f"its answer is longer than {most} bytes"
            if time.monotonic() > end:
                return b"", "no answer in time"
        return bytes(read), ""
    finally:
        connection.close()
