"""Codes of every format to begin fuzzing with, and the issuers who made them: nothing in it is real.

The keys are the same in every process, so that an input that was found does the same again.
"""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from kiosk.domain.trust import TrustAnchor
from kiosk.testing import health_cards as cards
from kiosk.testing import seals
from kiosk.testing.tickets import Organiser, message
from kiosk.verify import csca, jwk, pretix

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
_PLAIN = (
    "001090012345|012345678|Nguyễn Thị Ánh|15081990|Nữ|1 Đường Lê Lợi, Hà Nội|01012022",
    "001090012345||Nguyễn Thị Ánh|15/08/1990|Nữ|1 Đường Lê Lợi|01/01/2022|||x",
    "******012345|NGUYEN THI ANH|1990-**-**|0|QID0001|Q<2<HS4010012345678<0900000000<AAAA",
    "HS4010012345678|4e677579e1bb856e|15/08/1990|2|48c3a0204ee1bb9969|01-001|01/01/2022|31/12/2022|x",
    "https://qr.tokhaiyte.vn/?id=1", "https://qr.pccovid.gov.vn/abc", "http://[::1]:80/%00", "NZCP:/1/2KCE",
    "shc:/567629",
)  # fmt: skip


def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


CARDS = cards.CardIssuer(key=_key(17))
PASSES = cards.PassIssuer(key=_key(18))
ORGANISER = Organiser()
ORGANISER.key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_STARTS = datetime(2021, 1, 1, tzinfo=UTC)
AUTHORITY = seals.certify(dataclasses.replace(seals.AUTHORITY, starts=_STARTS), key=_key(19))
SEALER = seals.certify(seals.Profile(starts=_STARTS), AUTHORITY, _key(20))
LISTER = seals.certify(dataclasses.replace(seals.LIST_SIGNER, starts=_STARTS), AUTHORITY, _key(21))


def bundles() -> list[dict[str, Any]]:
    """Return the contents of cards."""
    shot, tested = cards.dose("2021-08-01"), cards.lab_result("2022-01-31T10:00:00+07:00")
    return [
        cards.bundle(cards.patient(), shot, cards.dose("2021-09-01", lotNumber="1", isSubpotent=False)),
        cards.bundle(cards.patient(), tested),
        cards.bundle(cards.patient(), *[cards.dose(f"2021-{1 + day % 12:02}-01") for day in range(40)]),
    ]


def card_claims() -> list[dict[str, Any]]:
    """Return the claims of cards, one of them with an identifier."""
    return [CARDS.claims(bundle, NOW - timedelta(days=9), rid=f"card-{n}") for n, bundle in enumerate(bundles())]


def pass_claims() -> dict[Any, Any]:
    """Return the claims of a New Zealand pass."""
    return PASSES.claims(NOW - timedelta(days=9), NOW + timedelta(days=9))


def ticket_payloads() -> list[bytes]:
    """Return what is inside tickets."""
    return [message({1: "SEED12345", 2: 1}), message({1: "S", 2: 7, 3: 2, 4: 3, 5: 1640995200, 6: 1900000000, 9: "x"})]


def sealed() -> list[dict[str, Any]]:
    """Return the data of seals."""
    return [seals.vaccination(), seals.proof_of_test(), seals.vaccination(uvci="U" * 20)]


@cache
def _joined() -> tuple[str, ...]:
    whole = CARDS.card(card_claims()[2])
    return ("\n".join(cards.in_parts(whole, 2)), "\n".join(reversed(cards.in_parts(whole, 5))), "shc:/1/2/5676")


def joined() -> list[bytes]:
    """Return cards in several parts, one a line."""
    return [text.encode() for text in _joined()]


def labels() -> list[bytes]:
    """Return labels of sample tubes."""
    return [b"SAMPLE-000001", b"0123456789", b"A1 B2/C3", b"shc:/567629"]


@cache
def texts() -> tuple[str, ...]:
    """Return a text of every format but our own two (health certificate and pass), and of several kinds each."""
    return (
        *_PLAIN,
        *_joined(),
        *(CARDS.card(claims) for claims in card_claims()),
        PASSES.encode(pass_claims()),
        *(seals.seal(data, SEALER) for data in sealed()),
        json.dumps({"data": sealed()[0], "sig": {"alg": "ES256", "cer": "MIIB", "sigvl": "A" * 86}}),
        *(ORGANISER.sign(payload) for payload in ticket_payloads()),
    )


@cache
def anchors() -> tuple[TrustAnchor, ...]:
    """Return who may have signed them, so that unchanged ones get past the signature."""
    return (
        *jwk.anchors_in_jwks(CARDS.jwks(), CARDS.iss),
        *jwk.anchors_in_did(json.dumps(PASSES.document()).encode(), PASSES.did),
        *csca.anchors_in(AUTHORITY.certificate),
        *pretix.anchors_in_pretix_keys(ORGANISER.public_key, "Organiser"),
    )
