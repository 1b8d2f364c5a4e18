"""Servers whose certificates clients take, though RFC 5280 forbids them; and those that they do not take."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from scanners.tls.endpoint_list import host_name
from tests.beds.tls import pki as make
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import UNFINISHED
from tests.beds.tls.certificate_cases import KEYS, NAMES, TIDY, TRUST, USAGE
from tests.beds.tls.hellos import Flaw, scripted
from tests.beds.tls.pki import NAME, Build, Served
from tests.beds.tls.servers import Python, Raw

FORM, WIDE = "certificate-well-formed", "certificate-wildcard-narrow"
# What only a client with an answer in HTTP can see.
UNANSWERED = ("https-redirects-safe", "https-answers-bounded")
UNDERSCORED = "charge_point.example.com"
# A name that Python's own codec (IDNA 2003) takes for another one.
SHARP_S = "straße.example.com"
_AUTHORITY_KEY, _SUBJECT_KEY = ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.SUBJECT_KEY_IDENTIFIER


def certificate_form_cases(on: Setup) -> list[Case]:
    """Every server whose certificate is odd in form."""
    cases = [
        Case(name=f"certificate-{name}", server=Python(served=served), fails=fails(*failing))
        for name, served, failing in [*_leaves(on), *_issuers(on), *_chains(on)]
    ]
    return [*cases, *_by_name(on), _unreadable(on)]


def _leaves(on: Setup) -> list[tuple[str, Served, tuple[str, ...]]]:
    pki, small = on.pki, rsa.generate_private_key(3, 2048)
    many = (NAME, *(f"charge-point-{number}.example.com" for number in range(800)))
    leaves = {
        "without-authority-key": (pki.leaf(build=_without(_AUTHORITY_KEY, make.for_servers)), (FORM,)),
        "with-an-underscore": (pki.leaf(names=(NAME, UNDERSCORED)), (FORM,)),
        "with-an-empty-subject": (pki.leaf(build=_nameless), (FORM,)),
        "that-may-sign-and-is-no-ca": (pki.leaf(build=_signing), (FORM,)),
        "with-an-unknown-critical-extension": (pki.leaf(build=_critical), (TRUST,)),
        "with-a-small-exponent": (pki.leaf(key=small), (KEYS,)),
        "wildcard-co-uk": (pki.leaf(names=(NAME, "*.co.uk")), (WIDE,)),
        "wildcard-com-au": (pki.leaf(names=(NAME, "*.com.au")), (WIDE,)),
        "of-800-names": (pki.leaf(names=many), (TIDY,)),
    }
    return [(name, pki.served(f"form-{name}", leaf), failing) for name, (leaf, failing) in leaves.items()]


def _issuers(on: Setup) -> list[tuple[str, Served, tuple[str, ...]]]:
    """The leaf is good; its issuer's certificate is not."""
    issuers: dict[str, tuple[Build, tuple[str, ...]]] = {
        "issuer-without-subject-key": (_without(_SUBJECT_KEY, make.as_ca), (FORM,)),
        "issuer-without-authority-key": (_without(_AUTHORITY_KEY, make.as_ca), (FORM,)),
        "issuer-not-critically-a-ca": (_lenient, (FORM,)),
        "issuer-without-usage": (_without(ExtensionOID.KEY_USAGE, make.as_ca), (FORM,)),
        "issuer-may-not-sign": (_not_signing, (TRUST, USAGE)),
        "issuer-for-code": (_for_code, (TRUST,)),
    }
    found = []
    for name, (build, failing) in issuers.items():
        by = on.pki.authority(on.pki.root, f"CA {name}", build)
        found.append((name, on.pki.served(name, on.pki.leaf(by=by), by.above), failing))
    return found


def _chains(on: Setup) -> list[tuple[str, Served, tuple[str, ...]]]:
    pki = on.pki
    short = pki.authority(pki.root, "Short CA", _path_length_0)
    too_far = pki.authority(short, "One CA too many")
    namesake, stranger = pki.authority(pki.root, NAME), pki.authority(None, NAME)
    leaf = pki.leaf(by=pki.root)
    return [
        ("path-too-long", pki.served("too-far", pki.leaf(by=too_far), too_far.above), (TRUST,)),
        ("root-sent-along", pki.served("root-sent", leaf, (pki.root.certificate,)), (TIDY,)),
        ("issued-in-its-own-name", pki.served("namesake", pki.leaf(by=namesake), namesake.above), ()),
        ("issued-in-its-own-name-by-a-stranger", pki.served("stranger", pki.leaf(by=stranger), ()), (TRUST,)),
        ("self-signed-truly", _self_signed(on), (TRUST,)),
    ]


def _by_name(on: Setup) -> list[Case]:
    pki = on.pki
    underscored = Python(served=pki.served("underscored", pki.leaf(names=(UNDERSCORED,))))
    sharp = host_name(SHARP_S, "sni")
    good = Python(served=pki.served("sharp", pki.leaf(names=(sharp,))))
    other = Python(served=pki.served("double-s", pki.leaf(names=("strasse.example.com",))))
    return [
        Case(
            name="certificate-for-an-underscore",
            server=underscored,
            endpoint={"server_name": UNDERSCORED},
            fails=fails(FORM),
        ),
        Case(name="good-sharp-s", server=good, endpoint={"server_name": sharp}),
        Case(name="sharp-s-of-idna-2003", server=other, endpoint={"server_name": sharp}, fails=fails(NAMES)),
    ]


def _unreadable(on: Setup) -> Case:
    # No TLS library serves such a certificate: a scripted hello does, with which no GET is possible.
    served = on.pki.served("twice", on.pki.leaf(build=_twice))
    unseen = (
        *("names-host", "in-date", "renewed-in-time", "keys-strong", "signatures-strong", "for-servers"),
        *("chain-tidy", "life-short", "wildcard-narrow", "well-formed"),
    )
    return Case(
        name="certificate-with-an-extension-twice",
        server=Raw(scripted(Flaw(sentinel=False), served, None)),
        fails=fails(TRUST),
        errors=frozenset({*(f"certificate-{name}" for name in unseen), *UNANSWERED, *UNFINISHED}),
    )


def _without(oid: x509.ObjectIdentifier, build: Build) -> Build:
    def without(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        builder = build(builder)
        builder._extensions = [one for one in builder._extensions if one.oid != oid]
        return builder

    return without


def _nameless(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder = make.for_servers(builder)
    builder._subject_name = x509.Name([])
    return builder


def _usage(**set_: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**(dict.fromkeys(names, False) | set_))


def _signing(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = _usage(digital_signature=True, key_cert_sign=True)
    return make.for_servers(builder).add_extension(usage, critical=True)


def _critical(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\x00")
    return make.for_servers(builder).add_extension(unknown, critical=True)


def _twice(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder = make.for_servers(builder)
    builder._extensions = [*builder._extensions, builder._extensions[-1]]
    return builder


def _lenient(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    builder = builder.add_extension(constraints, critical=False)
    return builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _not_signing(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    builder = builder.add_extension(constraints, critical=True)
    return builder.add_extension(_usage(crl_sign=True), critical=True)


def _for_code(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    return make.as_ca(builder).add_extension(usage, critical=False)


def _path_length_0(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    builder = builder.add_extension(constraints, critical=True)
    return builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _self_signed(on: Setup) -> Served:
    certificate = on.pki.leaf()[0]
    key = make.ec_key()
    builder = x509.CertificateBuilder().subject_name(certificate.subject).issuer_name(certificate.subject)
    builder = builder.serial_number(x509.random_serial_number()).public_key(key.public_key())
    builder = builder.not_valid_before(certificate.not_valid_before_utc)
    builder = builder.not_valid_after(certificate.not_valid_after_utc)
    alternative = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    builder = make.for_servers(builder.add_extension(alternative, critical=False))
    return on.pki.written("self-signed-truly", (builder.sign(key, hashes.SHA256()),), key)
