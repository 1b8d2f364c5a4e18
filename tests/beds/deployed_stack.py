"""Our own stack with as many partners as are wanted, in an emulator on loopback, without its gateway."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.lab.certificates import make_certificates
from infra.lab.emulator import start_emulator
from infra.lab.plan import plan
from infra.lab.processes import Children
from infra.lab.provisioning import provision_in_process
from scanners.target import Target

ROOT = Path(__file__).resolve().parents[2]
_PARTNER = ROOT / "partners" / "example-emsp.yaml"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _partner(number: int) -> str:
    """A partner like the example, with a name, a party, a network and a host of its own."""
    party = "".join(_LETTERS[number // 26**place % 26] for place in (2, 1, 0))
    return (
        _PARTNER.read_text()
        .replace("name: example-emsp", f"name: partner-{number}")
        .replace("party_id: EMX", f"party_id: {party}")
        .replace("203.0.113.0/28", f"198.{18 + number // 256}.{number % 256}.0/28")
        .replace("ocpi.emsp.example", f"ocpi.partner-{number}.example")
    )


@contextmanager
def deployed_stack(folder: Path, partners: int) -> Iterator[Target]:
    """The stack `test` of this project with so many partners; the emulator is gone afterwards."""
    project, made = folder / "project", folder / "made"
    (project / "partners").mkdir(parents=True)
    made.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.test.yaml"):
        shutil.copy(ROOT / name, project / name)
    for number in range(partners):
        (project / "partners" / f"partner-{number}.yaml").write_text(_partner(number))
    intended = plan(made, "test", project)
    children = Children(made, die_with_parent=True)
    try:
        emulator = start_emulator(children, make_certificates(made, {"emulator": ("127.0.0.1",)}))
        provision_in_process(intended, emulator, lambda _: None)
        yield Target(
            name="test",
            stack_file=str(intended.folder.stack),
            region=intended.settings.region,
            ca_file=emulator.ca_file,
            aws_endpoint=emulator.endpoint,
        )
    finally:
        children.stop_all()
