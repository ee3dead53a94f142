"""A test issuer of health certificates in the EU format: what `kiosk verify` reads, made up from nothing real."""

import zlib
from datetime import datetime, timedelta

import base45
import cbor2

from kiosk.adapters.keys import Signer
from kiosk.domain import names
from kiosk.verify import cose, envelope, hc1


def _holder(given_name: str) -> dict[str, object]:
    """Return a plainly made-up person."""
    icao = names.fold(given_name).replace(" ", "<")
    return {"nam": {"fn": "Nguyễn Thị", "gn": given_name, "fnt": "NGUYEN<THI", "gnt": icao}, "dob": "1990-01-01"}


def vaccination(
    given: datetime, *, dose: int = 2, series: int = 2, country: str = "VN", given_name: str = "Mẫu"
) -> dict[str, object]:
    """Return the payload of a vaccination certificate."""
    return {
        "ver": "1.3.0",
        **_holder(given_name),
        "v": [
            {
                "tg": "840539006",
                "vp": "1119349007",
                "mp": "EU/1/20/1528",
                "ma": "ORG-100030215",
                "dn": dose,
                "sd": series,
                "dt": given.date().isoformat(),
                "co": country,
                "is": "Made-up health unit",
                "ci": "URN:UVCI:01:VN:SAMPLE000000000000#0",
            }
        ],
    }


def recovery(first_positive: datetime, *, given_name: str = "Mẫu") -> dict[str, object]:
    """Return the payload of a certificate of recovery."""
    return {
        "ver": "1.3.0",
        **_holder(given_name),
        "r": [
            {
                "tg": "840539006",
                "fr": first_positive.date().isoformat(),
                "co": "VN",
                "is": "Made-up health unit",
                "df": (first_positive + timedelta(days=11)).date().isoformat(),
                "du": (first_positive + timedelta(days=180)).date().isoformat(),
                "ci": "URN:UVCI:01:VN:SAMPLE000000000001#0",
            }
        ],
    }


def certificate(
    signer: Signer, payload: dict[str, object], issued: datetime, life: timedelta = timedelta(days=365)
) -> str:
    """Return the text of a signed certificate that ends `life` after it was issued."""
    claims = {1: "VN", 4: int((issued + life).timestamp()), 6: int(issued.timestamp()), -260: {1: payload}}
    message = cose.sign(cbor2.dumps(claims), signer.key, signer.key_id)
    return envelope.wrap(message, hc1.PREFIX, compress=True)


def forge(text: str) -> str:
    """Return a certificate whose signature no longer fits its content: one bit of the signature is turned."""
    *content, signature = cbor2.loads(zlib.decompress(base45.b45decode(text.removeprefix(hc1.PREFIX)))).value
    wrong = bytes([signature[0] ^ 1]) + signature[1:]
    return envelope.wrap(cbor2.dumps(cbor2.CBORTag(18, [*content, wrong])), hc1.PREFIX, compress=True)
