"""Back ends that take turns behind one address, one of which is at fault."""

from __future__ import annotations

from scanners.tls.observations import State
from tests.beds.tls.behaviours import alternating
from tests.beds.tls.case import ANY, Case, Setup, fails
from tests.beds.tls.case_controls import OLD, SUITES
from tests.beds.tls.hellos import Flaw, scripted
from tests.beds.tls.pki import rsa_key
from tests.beds.tls.servers import Python, Raw, Server

APART = "tls-addresses-agree"


def rotating_cases(on: Setup) -> list[Case]:
    """Every pool whose servers differ, in turns of two and of three."""
    pki = on.pki
    expired = Python(served=pki.served("turn-expired", pki.leaf(begins=-100, ends=-1)))
    other_key = Python(served=pki.served("turn-key", pki.leaf()))
    other_host = Python(served=pki.served("turn-host", pki.leaf(names=("other.example.net",))))
    cases = []
    for turns in (2, 3):
        for name, server, failing in (
            ("expired", expired, fails("certificate-in-date", APART)),
            ("other-key", other_key, fails(APART)),
            ("other-host", other_host, fails("certificate-names-host", APART)),
        ):
            cases.append(Case(name=f"turns-{turns}-{name}", server=_pool(on, server, turns), fails=failing))
    return [*cases, *_unlike(on)]


def _unlike(on: Setup) -> list[Case]:
    """Servers that negotiate differently: nothing that only some connections showed is a pass."""
    served = on.pki.good
    old = scripted(Flaw(oldest=0x0301), served, on.good)
    unbound = scripted(Flaw(master_secret=False), served, on.good)
    rsa = Python(served=on.pki.served("turn-rsa", on.pki.leaf(key=rsa_key())))
    cbc = Python(
        served=on.pki.served("turn-cbc", on.pki.leaf()), ciphers="ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA256"
    )
    pools: dict[str, tuple[Server, frozenset[str]]] = {
        "turns-2-rsa-key": (_pool(on, rsa, 2), fails(APART)),
        "turns-3-rsa-key": (_pool(on, rsa, 3), fails(APART)),
        "turns-3-suite-cbc": (_pool(on, cbc, 3), fails(SUITES, APART)),
        "turns-3-tls10": (_pool(on, Raw(old), 3), fails(OLD, APART)),
        "turns-2-no-master-secret": (_pool(on, Raw(unbound), 2), fails("tls-extended-master-secret", APART)),
        "turns-2-no-tls13": (_pool(on, Python(served=served, newest="TLSv1_2"), 2), fails(APART)),
        "turns-3-no-tls13": (_pool(on, Python(served=served, newest="TLSv1_2"), 3), fails(APART)),
    }
    return [
        Case(name=name, server=server, state=State.INCONSISTENT, errors=ANY, fails=failing)
        for name, (server, failing) in pools.items()
    ]


def _pool(on: Setup, faulty: Server, turns: int) -> Raw:
    return Raw(alternating(*[on.good] * (turns - 1), on.start(faulty)))
