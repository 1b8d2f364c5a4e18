"""What an audit looks at, and what a scanner gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import msgspec

from hardening.checks import Finding
from hardening.errors import ConfigError

# Where `rampart lab up` writes it, and where every audit looks unless told otherwise.
LAB_TARGET = Path(".rampart/lab/target.json")
_HINT = "start the lab (`rampart lab up`) or name a target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One deployed environment. Paths are absolute; an empty string means "there is none".

    `stack_file` is a deployment in the shape of `pulumi stack export`; `gateway` is `host:port` of the
    OCPI gateway and `server_name` the name that its certificate must have; `aws_endpoint` is the URL of
    an emulator (empty: the real AWS); `ca_file` holds the CA of both; `tokens_file` (mode 0600) maps a
    partner's name to its token; `project` is the folder of the program, its settings and registry;
    `environment` is `test` or `production`, where that is known.
    """

    name: str
    stack_file: str
    region: str
    gateway: str = ""
    server_name: str = ""
    ca_file: str = ""
    aws_endpoint: str = ""
    tokens_file: str = ""
    partners: str = "partners"
    project: str = ""
    environment: str = ""

    @classmethod
    def read(cls, file: Path) -> Target:
        """The target that `file` describes: a JSON object of these texts alone. Raises ConfigError."""
        try:
            told = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
            unknown = sorted(told.keys() - {one.name for one in fields(cls)})
            if unknown:
                raise ConfigError(f"{file}: {unknown[0]}: not a key of a target", _HINT)
            return msgspec.convert(told, cls)
        except OSError as error:
            reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
            raise ConfigError(f"{file}: {reason}", _HINT) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ConfigError(f"{file}: not a target: {error}", _HINT) from None


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scanner found, and what it looked at: file name -> JSON text, kept as evidence."""

    findings: tuple[Finding, ...]
    subjects: Mapping[str, str] = field(default_factory=dict)
