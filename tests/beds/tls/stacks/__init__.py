"""Good TLS servers of every stack that is at hand, set up as their manuals say. None may raise an alarm.

What a machine lacks is left out and named. Go and Java compile their server when it starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from scanners.tls.endpoint import Endpoint
from scanners.tls.profiles import CALLBACK, OWN
from tests.beds.tls.bed import Bed
from tests.beds.tls.good_cases import GATEWAY, HSTS
from tests.beds.tls.pki import NAME, Pki, Served, rsa_key
from tests.beds.tls.ports import free_ports, wait_for
from tests.beds.tls.servers import Envoy, Nginx, OpenSsl, Python, Server

_HERE: Final = Path(__file__).parent
_VERSIONS: Final = {"both": ("1.2", "1.3"), "tls12": ("1.2", "1.2"), "tls13": ("1.3", "1.3")}
_SUITES: Final = {
    "ecdsa": ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    "rsa": ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"),
}
# crypto/tls: ECDHE with AES-128-GCM, AES-256-GCM and ChaCha20, for RSA and ECDSA.
_GO_SUITES: Final = (0xC02F, 0xC02B, 0xC030, 0xC02C, 0xCCA8, 0xCCA9)
_JAVA_SUITES: Final = tuple(
    f"TLS_ECDHE_{kind}_WITH_AES_{bits}"
    for kind in ("ECDSA", "RSA")
    for bits in ("128_GCM_SHA256", "256_GCM_SHA384")
)
_JAVA_SIGNATURES: Final = (
    "ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,rsa_pss_rsae_sha256,rsa_pss_rsae_sha384,rsa_pkcs1_sha256"
)
_ENVOY_SIGNATURES: Final = (
    *("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"),
    *("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha256"),
)
_GNUTLS: Final = (
    "NORMAL:-VERS-ALL:{versions}:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM"
    ":+CHACHA20-POLY1305:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1:-GROUP-ALL:+GROUP-X25519"
    ":+GROUP-SECP256R1:+GROUP-SECP384R1"
)


@dataclass(slots=True)
class GoodServers:
    """The running servers, as endpoints by `stack-key-versions`; and the stacks that are left out."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def stacks(self) -> set[str]:
        """The stacks that run."""
        return {name.partition("-")[0] for name in self.endpoints}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One server: its certificate, the kind of its key, its oldest and newest version (1.2, 1.3)."""

    name: str
    served: Served
    kind: str
    oldest: str
    newest: str


@contextlib.contextmanager
def good_servers() -> Iterator[GoodServers]:
    """Every good server that this machine can run."""
    with Bed() as bed, contextlib.ExitStack() as stack:
        wanted = _wanted(bed.pki)
        found = GoodServers()
        ports = bed.start_all(_of_the_bed(bed, wanted, found))
        for program, start in (("go", _go), ("java", _java), ("gnutls-serv", _gnutls)):
            if shutil.which(program):
                ports |= start(bed.folder, wanted, stack)
            else:
                found.left_out.append(program)
        for name, port in ports.items():
            profile = OWN if name.endswith("-own") else CALLBACK
            found.endpoints[name] = Endpoint(
                host="127.0.0.1", port=port, server_name=NAME, ca_file=bed.pki.ca_file, plain_port=0,
                profile=profile,
            )  # fmt: skip
        yield found


def _wanted(pki: Pki) -> list[Wanted]:
    keys: Mapping[str, Any] = {
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
        "ecdsa384": ec.generate_private_key(ec.SECP384R1()),
        "rsa": rsa_key(),
    }
    served = {name: pki.served(f"stack-{name}", pki.leaf(key=key)) for name, key in keys.items()}
    return [
        Wanted(f"{key}-{versions}", served[key], key.removesuffix("384"), *bounds)
        for key in keys
        for versions, bounds in _VERSIONS.items()
    ]


def _of_the_bed(bed: Bed, wanted: list[Wanted], found: GoodServers) -> dict[str, Server]:
    """OpenSSL (its own server and Python's), nginx and Envoy."""
    servers: dict[str, Server] = {}
    for one in wanted:
        names = {"1.2": "TLSv1_2", "1.3": "TLSv1_3"}
        switch = {"tls12": ("-tls1_2",), "tls13": ("-tls1_3",)}.get(one.name.partition("-")[2], ())
        protocols = " ".join(f"TLSv{version}" for version in dict.fromkeys((one.oldest, one.newest)))
        parameters = {
            "tls_minimum_protocol_version": names[one.oldest],
            "tls_maximum_protocol_version": names[one.newest],
            "cipher_suites": list(_SUITES[one.kind]),
            "signature_algorithms": list(_ENVOY_SIGNATURES),  # or it signs with SHA-1 where asked to
        }
        kinds: dict[str, Server] = {
            "openssl": OpenSsl(served=one.served, options=switch),
            "python": Python(served=one.served, oldest=names[one.oldest], newest=names[one.newest]),
            "nginx": Nginx(served=one.served, directives=f"ssl_protocols {protocols}; return 401;"),
            "envoy": Envoy(served=one.served, parameters=parameters),
        }
        servers |= {f"{kind}-{one.name}": server for kind, server in kinds.items()}
    served = wanted[0].served
    headers = {"strict-transport-security": HSTS}
    servers["envoy-gateway-own"] = Envoy(served=served, parameters=GATEWAY, headers=headers)
    missing = bed.missing()
    found.left_out += sorted(set(missing.values()))
    return {name: server for name, server in servers.items() if type(server) not in missing}


def _go(folder: Path, wanted: list[Wanted], stack: contextlib.ExitStack) -> dict[str, int]:
    code = {"1.2": 0x0303, "1.3": 0x0304}
    ports = dict(zip((f"go-{one.name}" for one in wanted), free_ports(len(wanted)), strict=True))
    entries = [
        {
            "Address": f"127.0.0.1:{ports[f'go-{one.name}']}",
            "Chain": one.served.chain,
            "Key": one.served.key,
            "Oldest": code[one.oldest],
            "Newest": code[one.newest],
            "Suites": _GO_SUITES,
        }
        for one in wanted
    ]
    (folder / "go.json").write_text(json.dumps(entries))
    program = str(folder / "go-server")
    settings = {"GOCACHE": str(folder / "go-cache"), "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOPROXY": "off"}
    build = ["go", "build", "-o", program, str(_HERE / "server.go")]
    subprocess.run(build, check=True, cwd=folder, env=os.environ | settings, timeout=240)
    _run([program, str(folder / "go.json")], stack)
    wait_for(list(ports.values()))
    return ports


def _java(folder: Path, wanted: list[Wanted], stack: contextlib.ExitStack) -> dict[str, int]:
    ports = dict(zip((f"java-{one.name}" for one in wanted), free_ports(len(wanted)), strict=True))
    lines = []
    for one in wanted:
        key = serialization.load_pem_private_key(Path(one.served.key).read_bytes(), None)
        chain = one.served.certificates
        store = pkcs12.serialize_key_and_certificates(
            b"server", key, chain[0], chain[1:], serialization.BestAvailableEncryption(b"changeit")  # type: ignore[arg-type]  # a key of ours
        )  # fmt: skip
        file = folder / f"java-{one.name}.p12"
        file.write_bytes(store)
        protocols = ",".join(f"TLSv{version}" for version in dict.fromkeys((one.newest, one.oldest)))
        older = _JAVA_SUITES if one.oldest == "1.2" else ()
        newer = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256") if one.newest == "1.3" else ()
        suites = ",".join((*newer, *older))
        lines.append(f"{ports[f'java-{one.name}']} {file} changeit {protocols} {suites}")
    (folder / "java.txt").write_text("\n".join(lines) + "\n")
    signatures = f"-Djdk.tls.server.SignatureSchemes={_JAVA_SIGNATURES}"
    # JSSE lets clients renegotiate unless it is told not to.
    refusing = "-Djdk.tls.rejectClientInitiatedRenegotiation=true"
    _run(["java", signatures, refusing, str(_HERE / "Server.java"), str(folder / "java.txt")], stack)
    wait_for(list(ports.values()), 120)
    return ports


def _gnutls(folder: Path, wanted: list[Wanted], stack: contextlib.ExitStack) -> dict[str, int]:
    ports = dict(zip((f"gnutls-{one.name}" for one in wanted), free_ports(len(wanted)), strict=True))
    for one in wanted:
        versions = ":".join(f"+VERS-TLS{version}" for version in dict.fromkeys((one.oldest, one.newest)))
        command = ["gnutls-serv", "--http", "--port", str(ports[f"gnutls-{one.name}"]), "--quiet"]
        command += ["--x509certfile", one.served.chain, "--x509keyfile", one.served.key]
        _run([*command, "--priority", _GNUTLS.format(versions=versions)], stack)
    wait_for(list(ports.values()))
    return ports


def _run(command: list[str], stack: contextlib.ExitStack) -> None:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
