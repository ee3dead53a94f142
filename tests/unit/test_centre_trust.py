"""What becomes of a trust document from the centre, and what of that is on record."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.adapters.centre_trust import CentreTrust
from kiosk.adapters.keys import make_signer
from kiosk.adapters.trust_store import TrustStore
from kiosk.api.messages import Role, TrustOffer
from kiosk.api.parcel import pack
from kiosk.app.trust_intake import TrustIntake
from kiosk.domain.events import EventType
from kiosk.domain.trust import Algorithm
from kiosk.testing.shell import RecordingPeer
from kiosk.verify import trust_document
from kiosk.verify.trust_document import TrustDocument
from kiosk.verify.trust_list import anchor_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
CENTRE, DESK = (make_signer(name, Algorithm.ED25519, NOW) for name in ("Centre", "Desk"))


def document(version, by=CENTRE, issued=NOW):
    said = TrustDocument("region", version, issued, MONTH, (anchor_of(DESK.certificate),))
    return trust_document.sign(said, by.key, by.key_id)


class Kiosk:
    """The intake with a real keeper, over a folder."""

    def __init__(self, folder, accept_stale=()):
        self.folder = folder
        self.key = folder / "centre.pem"
        self.key.write_bytes(x509.load_der_x509_certificate(CENTRE.certificate).public_bytes(Encoding.PEM))
        (folder / "own").mkdir()
        (folder / "own" / "venue.der").write_bytes(make_signer("Venue", Algorithm.ED25519, NOW).certificate)
        self.store = TrustStore(
            folder / "own", None, MONTH, folder / "memory", centre=folder / "state", accept_stale=accept_stale
        )  # fmt: skip
        self.store.reload()
        self.events = []
        self.keeper = CentreTrust(folder / "state", self.key, self.store, lambda: NOW)
        self.intake = TrustIntake(self.keeper, self.events.append)

    def offer(self, data, size=None):
        peer, parcel = RecordingPeer(Role.BRIDGE), pack(data)
        try:
            asyncio.run(self.intake.take(TrustOffer(size=size or len(data)), parcel, peer))
        finally:
            os.close(parcel)
        (answer,) = peer.sent
        return answer.outcome, answer.code

    def recorded(self):
        return [(event.type, event.data.get("version") or event.data["code"]) for event in self.events]


@pytest.fixture
def kiosk(tmp_path):
    return Kiosk(tmp_path)


def test_a_document_is_taken_into_force_and_on_record(kiosk):
    assert kiosk.offer(document(3)) == ("taken", "")
    assert kiosk.recorded() == [(EventType.TRUST_CHANGED, "3")]
    assert kiosk.store.current.find("Desk", DESK.key_id).source.name == "centre/region"
    assert kiosk.offer(document(3)) == ("known", "")
    assert len(kiosk.events) == 1


def test_refusals_have_a_code_leave_what_was_there_and_fill_no_journal(kiosk):
    kiosk.offer(document(3))
    in_force = kiosk.store.current
    for _ in range(3):
        assert kiosk.offer(document(2)) == ("refused", "older")
    assert kiosk.offer(document(9, by=DESK)) == ("refused", "unusable")
    assert kiosk.offer(document(9, issued=NOW + MONTH)) == ("refused", "not_yet")
    assert kiosk.offer(b"junk") == ("refused", "unusable")
    assert kiosk.offer(document(9), size=7) == ("refused", "unreadable")
    assert kiosk.store.current is in_force
    assert [what for _, what in kiosk.recorded()] == ["3", "older", "unusable", "not_yet", "unusable", "unreadable"]


def test_without_a_key_or_a_disk_nothing_is_taken(kiosk):
    kiosk.key.unlink()
    assert kiosk.offer(document(3)) == ("refused", "no_key")
    kiosk.intake = TrustIntake(None, kiosk.events.append)
    assert kiosk.offer(document(3)) == ("refused", "no_key")


def test_a_folder_that_cannot_be_written_is_said(kiosk):
    (kiosk.folder / "state").write_text("a file where a folder should be")
    assert kiosk.offer(document(3)) == ("refused", "not_stored")


def test_taken_means_in_force_whatever_ails_the_lists_of_withdrawn_codes(kiosk):
    (kiosk.folder / "own" / "eu.revoked").write_bytes(b"damaged")
    assert kiosk.offer(document(3)) == ("taken", "")
    assert "eu.revoked" in kiosk.store.problem
    assert kiosk.store.current.find("Desk", DESK.key_id).source.version == "3"


def test_what_is_stored_and_not_in_force_is_not_called_taken(kiosk):
    # The gate's memory knows of a newer one than the folder does: somebody has put an old folder back.
    (kiosk.folder / "memory").write_text('{"centre/region": "9"}')
    assert kiosk.offer(document(3)) == ("refused", "not_in_force")
    assert "older" in kiosk.store.problem
    assert kiosk.recorded() == [(EventType.TRUST_REFUSED, "not_in_force")]


def test_the_centre_cannot_take_the_name_of_a_source_of_the_venue(tmp_path):
    kiosk = Kiosk(tmp_path, accept_stale={"region"})
    kiosk.offer(document(3))
    assert [source.accept_stale for source in kiosk.store.current.sources] == [False, False]
