"""A code of every format, made up here, with the keys that sign it: what `kiosk bench verify` times.

A format of its own is a function here and its place in `codes`; a test compares them with the registry.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import Kind
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import Algorithm, TrustAnchor
from kiosk.testing import health_cards, seals
from kiosk.testing import health_certificates as health
from kiosk.testing.tickets import Organiser
from kiosk.verify import (
    base45,
    certificates,
    cose,
    csca,
    envelope,
    hc1,
    jwk,
    jws,
    native_pass,
    nzcp,
    pretix,
    shc,
    strict_json,
    vds_nc,
)
from kiosk.verify.pretix import MAX_KEYS, anchors_in_pretix_keys
from kiosk.verify.steps import Claimed
from kiosk.verify.trust_list import anchor_of

Call = Callable[[], object]
CARD = "001090012345||Nguyễn Thị Mẫu|01011990|Nữ|12 Phố Huế, Hà Nội|20052021"
"""Of the very person whose certificates the kit here makes up."""
_LABEL = "NCOV-2108-000123"
_PERSONAL = "******012345|NGUYEN THI MAU|1990-**-**|0|QID0001|Q<2<HS4010012345678<0900000000<AAAA"
_INSURANCE = "HS4010012345678|4e677579e1bb856e|15/08/1990|2|48c3a0204ee1bb9969|01-001|01/01/2022|31/12/2022|x"


@dataclass(frozen=True, slots=True)
class Code:
    """One code to verify."""

    name: str
    data: bytes
    anchors: tuple[TrustAnchor, ...] = ()
    """What has to be trusted so that it is valid; empty for unsigned ones."""
    signer: TrustAnchor | None = None
    """The key that signed it."""
    parse: Callable[[], Claimed] | None = None
    """Takes a signed one apart, up to what it claims."""
    inner: Mapping[str, Call] = field(default_factory=dict)
    """Parts of that work, by name."""
    symbology: Symbology = Symbology.QR
    beside: tuple[bytes, ...] = ()
    """Other codes that are held up with it."""


def codes(now: datetime) -> list[Code]:
    """Return a code of every format, valid at `now`; the signed ones first."""
    certificate = _certificate("HC1 ES256", Algorithm.ES256, now)
    own_pass = _pass("GK1 Ed25519", Algorithm.ED25519, now)
    card = CARD.encode()
    return [
        certificate,
        Code("HC1 ES256 + CCCD", certificate.data, certificate.anchors, beside=(card,)),
        Code(
            "HC1 ES256 + GK1 + CCCD", certificate.data, certificate.anchors + own_pass.anchors,
            beside=(own_pass.data, card),
        ),
        _certificate("HC1 PS256", Algorithm.PS256, now),
        own_pass,
        _pass("GK1 ES256", Algorithm.ES256, now),
        _card("SHC", now),
        _seal("VDS-NC", now),
        _nz_pass("NZCP", now),
        _ticket("pretix, 1 key", 1),
        _ticket(f"pretix, {MAX_KEYS} keys", MAX_KEYS),
        Code("CCCD", card),
        Code("personal QR", _PERSONAL.encode()),
        Code("BHYT", _INSURANCE.encode()),
        Code("tube (Code 128)", _LABEL.encode(), symbology=Symbology.CODE128),
        Code("web", b"https://qr.tokhaiyte.vn/?id=1"),
    ]


def _layers(text: str, prefix: str) -> dict[str, Call]:
    """Return the layers of Base45 and COSE, each by itself."""
    body = text.removeprefix(prefix)
    raw = base45.b45decode(body)
    message = zlib.decompress(raw) if raw[:1] == b"\x78" else raw
    inflate: dict[str, Call] = {"inflate": lambda: envelope.inflate(raw)} if message is not raw else {}
    return {
        "Base45": lambda: base45.b45decode(body),
        **inflate,
        "COSE": lambda: cose.parse(message),
        "up to the claims": lambda: envelope.unwrap(text, prefix),
    }


def _certificate(name: str, algorithm: Algorithm, now: datetime) -> Code:
    signer = make_signer(name, algorithm, now - timedelta(days=30), country="VN", for_passes=False)
    text = health.certificate(signer, health.vaccination(now - timedelta(days=90)), now - timedelta(days=2))
    anchor = anchor_of(signer.certificate)
    return Code(name, text.encode(), (anchor,), anchor, lambda: hc1.parse(text), _layers(text, hc1.PREFIX))


def _pass(name: str, algorithm: Algorithm, now: datetime) -> Code:
    signer = make_signer(name, algorithm, now - timedelta(days=30))
    content = native_pass.PassContent(
        issuer=name, subject="booking-1", pass_id=bytes(16), purpose=Kind.STAFF, zone="*", issued_at=now,
        valid_from=now, valid_until=now + timedelta(hours=8), name="Nguyễn Thị Mẫu",
    )  # fmt: skip
    text = native_pass.encode(content, signer.key, signer.key_id)
    anchor, layers = anchor_of(signer.certificate), _layers(text, native_pass.PREFIX)
    return Code(name, text.encode(), (anchor,), anchor, lambda: native_pass.parse(text), layers)


def _card(name: str, now: datetime) -> Code:
    issuer = health_cards.CardIssuer()
    days = [(now - timedelta(days=age)).date().isoformat() for age in (120, 90)]
    bundle = health_cards.bundle(health_cards.patient(), *map(health_cards.dose, days))
    text = issuer.card(issuer.claims(bundle, now - timedelta(days=30)))
    (anchor,) = jwk.anchors_in_jwks(issuer.jwks(), issuer.iss)
    compact = "".join(chr(int(text[at : at + 2]) + 45) for at in range(len(shc.PREFIX), len(text), 2))
    payload = jws.parse(compact).payload
    inner: dict[str, Call] = {
        "JWS": lambda: jws.parse(compact),
        "inflate": lambda: envelope.inflate(payload, -zlib.MAX_WBITS),
    }
    return Code(name, text.encode(), (anchor,), anchor, lambda: shc.parse(text), inner)


def _seal(name: str, now: datetime) -> Code:
    """Return a seal whose signer is certified by an authority: the list has the authority, as countries publish it."""
    began = now - timedelta(days=300)
    authority = seals.certify(seals.Profile(
        name="Made-up CSCA", ca=True, key_usage="certify", usages=(), documents=(), names_authority=False, starts=began
    ))  # fmt: skip
    signer = seals.certify(seals.Profile(starts=began), authority)
    text = seals.seal(seals.vaccination(), signer)
    read = certificates.read(signer.certificate)
    anchor = csca.signer_of(read)
    if anchor is None:
        raise TypeError("the made-up signer signs no seals")
    anchors = tuple(csca.anchors_in(authority.certificate))
    authority_key = anchors[0].public_key
    inner: dict[str, Call] = {
        "JSON": lambda: strict_json.loads(text),
        # Both are remembered: the first seal of a signer pays for them.
        "certificate, when new": lambda: certificates.read.__wrapped__(signer.certificate),
        "its signature, when new": lambda: certificates.is_signed_by.__wrapped__(signer.certificate, authority_key),
    }
    return Code(name, text.encode(), anchors, anchor, lambda: vds_nc.parse(text), inner)


def _nz_pass(name: str, now: datetime) -> Code:
    issuer = health_cards.PassIssuer()
    text = issuer.encode(issuer.claims(now - timedelta(days=30), now + timedelta(days=300)))
    (anchor,) = jwk.anchors_in_did(json.dumps(issuer.document()).encode(), issuer.did)
    return Code(name, text.encode(), (anchor,), anchor, lambda: nzcp.parse(text))


def _ticket(name: str, keys: int) -> Code:
    """Return a ticket that the last of so many keys has signed."""
    organisers = [Organiser() for _ in range(keys)]
    anchors = tuple(
        anchor
        for number, one in enumerate(organisers)
        for anchor in anchors_in_pretix_keys(one.public_key, f"Club {number}")
    )
    text = organisers[-1].ticket()
    return Code(name, text.encode(), anchors, anchors[-1], lambda: pretix.parse(text))
