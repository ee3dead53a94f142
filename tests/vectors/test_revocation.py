"""Revocation lists of SMART Health Cards issuers, as they publish them."""

import json
from datetime import UTC, datetime

from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import RevocationStore
from kiosk.verify.revocation import shc_identifier
from kiosk.verify.revocation_lists import read_document, version_of

ISSUER = "https://issuer.example"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_every_list_is_read_and_built_and_found_again(vectors, absent, say, tmp_path):
    files = sorted(vectors("shc").rglob(".well-known/crl/*.json"))
    if not files:
        absent("any issuer's revocation list")
    plain = dated = 0
    for number, file in enumerate(files):
        content = json.loads(file.read_bytes())
        path = tmp_path / f"{number}.revoked"
        entries = read_document(file.read_bytes(), ISSUER)
        header = build(path, entries, source=file.stem, version=version_of(file.read_bytes()) or 0, now=NOW)
        store = RevocationStore(path)
        for rid in content["rids"]:
            name, _, moment = rid.partition(".")
            identifier = shc_identifier(ISSUER, content["kid"], name)
            assert identifier in (store.dated if moment else store)
            if moment:
                assert store.dated[identifier].timestamp() >= int(moment)
        assert header.count + header.dated <= len(content["rids"])
        plain, dated = plain + header.count, dated + header.dated
    say(f"shc: {len(files)} revocation lists read: {plain} entries, and {dated} with a moment")
