"""What is to be brought up as a lab."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hardening.registry.deployed import deployed_registry
from hardening.registry.partners import Partner
from infra.lab.lab_folder import LabFolder
from infra.lab.pulumi_project import PulumiProject
from infra.settings import Settings, load

PROJECT = "ocpi-rampart"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be brought up: the stack's settings and partners, valid, and their folder."""

    folder: LabFolder
    stack: str
    settings: Settings
    partners: tuple[Partner, ...]
    project: Path
    by_pulumi: bool = False  # created by Pulumi's CLI, not in this process

    @property
    def registry(self) -> Path:
        """The folder of the partners' files."""
        return self.project / "partners"

    @property
    def pulumi(self) -> PulumiProject:
        """The stack as a project of the Pulumi CLI."""
        return PulumiProject(self.folder.pulumi, PROJECT, self.stack, self.project)


def plan(folder: Path, stack: str, project: Path, *, by_pulumi: bool = False) -> Plan:
    """Read `project/Pulumi.<stack>.yaml` and `project/partners/`. Raises ConfigError."""
    project = project.resolve()
    partners = deployed_registry(project / "partners")
    return Plan(LabFolder(folder.resolve()), stack, load(stack, project), partners, project, by_pulumi)
