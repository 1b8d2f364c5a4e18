"""A project: the settings, partners and waivers that the program is run with.

The one in the repository is also the example that the wheel ships, in this folder (pyproject.toml,
force-include), so `rampart demo` and `rampart init` need nothing but the installed package.
"""

from __future__ import annotations

from pathlib import Path

from hardening.cli import say

_PACKAGE = Path(__file__).resolve().parent
# What the repository's own project shares with a new one.
SHARED = ("Pulumi.lab.yaml", "partners", "waivers.yaml")


def shipped_project() -> Path:
    """The folder with the example project: this one in a wheel, the repository in a checkout."""
    return _PACKAGE if (_PACKAGE / SHARED[0]).is_file() else _PACKAGE.parents[1]


def current_project() -> Path:
    """The current folder, or the shipped project where the folder has no trace of one.

    Half a project is not replaced by the example: its missing part is the user's error to see.
    """
    here = Path.cwd()
    if any(here.glob("Pulumi*.yaml")) or (here / "partners").exists():
        return here
    say("no project in this folder: using the example project (`rampart init` writes one of your own)")
    return shipped_project()
