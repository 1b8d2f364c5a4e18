"""All cases of the bed."""

from __future__ import annotations

from tests.beds.tls.bed import Bed
from tests.beds.tls.behaviour_cases import behaviour_cases
from tests.beds.tls.case import Case, Setup
from tests.beds.tls.certificate_cases import certificate_cases
from tests.beds.tls.certificate_form_cases import certificate_form_cases
from tests.beds.tls.client_cases import client_cases
from tests.beds.tls.edwards_cases import edwards_cases
from tests.beds.tls.good_cases import good_cases
from tests.beds.tls.protocol_cases import protocol_cases
from tests.beds.tls.reaction_cases import reaction_cases
from tests.beds.tls.resumption_cases import resumption_cases
from tests.beds.tls.rotating_cases import rotating_cases
from tests.beds.tls.servers import Python
from tests.beds.tls.split_cases import split_cases


def all_cases(bed: Bed) -> list[Case]:
    """Every case, good ones first. Starts the two servers that others use."""
    on = Setup(
        bed.pki,
        good=bed.start(Python(served=bed.pki.good, ciphers="ECDHE+AESGCM")),
        other=bed.start(Python(served=bed.pki.good, ciphers="ECDHE+AESGCM", newest="TLSv1_2")),
        start=bed.start,
    )
    return [
        *good_cases(on),
        *protocol_cases(on),
        *certificate_cases(on),
        *certificate_form_cases(on),
        *edwards_cases(on),
        *split_cases(on),
        *rotating_cases(on),
        *client_cases(on),
        *behaviour_cases(on),
        *reaction_cases(on),
        *resumption_cases(on),
    ]


def started(bed: Bed, cases: list[Case]) -> tuple[dict[str, int], dict[str, str]]:
    """Ports by name (`NAME/plain`: plaintext) of the servers of `cases`; what was left out, and why."""
    missing = bed.missing()
    left_out = {c.name: missing[type(c.server)] for c in cases if type(c.server) in missing}
    wanted = [case for case in cases if case.name not in left_out]
    servers = {case.name: case.server for case in wanted}
    servers |= {f"{case.name}/plain": case.plain for case in wanted if case.plain}
    return bed.start_all(servers), left_out
