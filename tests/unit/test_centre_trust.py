"""What becomes of a trust document from the centre, and what of that is on record."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.adapters.centre_trust import CentreTrust
from kiosk.adapters.keys import make_signer
from kiosk.adapters.trust_files import Centre
from kiosk.adapters.trust_import import take_in
from kiosk.adapters.trust_store import TrustStore
from kiosk.api.messages import DocumentOffer, Role
from kiosk.api.parcel import pack
from kiosk.app.document_desk import REFUSAL_EVERY_NS, DocumentDesk
from kiosk.domain.events import EventType
from kiosk.domain.trust import Algorithm
from kiosk.testing.shell import RecordingPeer
from kiosk.verify import trust_document
from kiosk.verify.trust_document import MAX_VERSION, TrustDocument
from kiosk.verify.trust_list import anchor_of
from kiosk.verify.trust_sources import Given

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
CENTRE, NEW, DESK = (make_signer(name, Algorithm.ED25519, NOW) for name in ("Centre", "New centre", "Desk"))


def pem(*signers):
    return b"".join(x509.load_der_x509_certificate(one.certificate).public_bytes(Encoding.PEM) for one in signers)


def document(version, by=CENTRE, issued=NOW, revoked=(), audience=("*",)):
    said = TrustDocument(
        "region", version, issued, MONTH, (anchor_of(DESK.certificate),), frozenset(revoked), frozenset(audience)
    )
    return trust_document.sign(said, by.key, by.key_id)


class Kiosk:
    """The intake with a real keeper, over a folder."""

    def __init__(self, folder, accept_stale=()):
        self.folder = folder
        self.key = folder / "centre.pem"
        self.key.write_bytes(pem(CENTRE))
        (folder / "own").mkdir()
        (folder / "own" / "venue.der").write_bytes(make_signer("Venue", Algorithm.ED25519, NOW).certificate)
        self.centre = Centre(folder / "state", self.key)
        self.store = TrustStore(
            folder / "own", None, MONTH, folder / "memory", centre=self.centre, accept_stale=accept_stale
        )  # fmt: skip
        self.store.reload()
        self.events, self.at_ns = [], 0
        self.keeper = CentreTrust(self.centre, self.store, lambda: NOW, "local/main/gate-1")
        self.intake = DocumentDesk({"trust": self.keeper}, self.events.append, lambda: self.at_ns)

    def offer(self, data, size=None):
        peer, parcel = RecordingPeer(Role.BRIDGE), pack(data)
        try:
            offer = DocumentOffer(kind="trust", size=size or len(data), sha256="ab" * 32)
            asyncio.run(self.intake.take(offer, parcel, peer))
        finally:
            os.close(parcel)
        (answer,) = peer.sent
        assert answer.sha256 == "ab" * 32, "in the words of the offer"
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
    assert [what for _, what in kiosk.recorded()] == ["3", "older", "unusable", "not_yet", "unreadable"]


def test_without_a_key_or_a_disk_nothing_is_taken(kiosk):
    kiosk.key.unlink()
    assert kiosk.offer(document(3)) == ("refused", "no_key")
    kiosk.intake = DocumentDesk({}, kiosk.events.append, lambda: kiosk.at_ns)
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
    kiosk.offer(document(2))
    memory = kiosk.folder / "memory"
    kept = json.loads(memory.read_bytes())
    memory.write_text(json.dumps({name: "9" if name.startswith("centre/") else kept[name] for name in kept}))
    assert kiosk.offer(document(3)) == ("refused", "not_in_force")
    assert "older" in kiosk.store.problem
    assert kiosk.recorded()[-1] == (EventType.TRUST_REFUSED, "not_in_force")


def test_the_centre_cannot_take_the_name_of_a_source_of_the_venue(tmp_path):
    kiosk = Kiosk(tmp_path, accept_stale={"region"})
    kiosk.offer(document(3))
    assert [source.accept_stale for source in kiosk.store.current.sources] == [False, False]


def restarted(kiosk):
    store = TrustStore(kiosk.folder / "own", None, MONTH, kiosk.folder / "memory", centre=kiosk.centre)
    store.reload()
    return store


def test_what_a_key_said_ends_when_it_is_no_longer_the_centres(kiosk):
    kiosk.offer(document(MAX_VERSION, revoked=[b"venue's"]))
    assert {s.name for s in kiosk.store.current.sources} == {"own", "centre/region"}
    kiosk.key.write_bytes(pem(NEW))
    kiosk.store.reload()
    for store in (kiosk.store, restarted(kiosk)):
        assert [s.name for s in store.current.sources] == ["own"], "the key in its receipt says nothing"
        assert not store.current.revoked_keys
        assert "not known here" in store.problem
    assert kiosk.offer(document(2, by=NEW)) == ("taken", ""), "a stolen key cannot use up the versions"
    for store in (kiosk.store, restarted(kiosk)):
        assert {s.name: s.version for s in store.current.sources}["centre/region"] == "2"


def test_while_two_keys_count_versions_go_on_over_both(kiosk):
    kiosk.key.write_bytes(pem(CENTRE, NEW))
    assert kiosk.offer(document(5)) == ("taken", "")
    assert kiosk.offer(document(4, by=NEW)) == ("refused", "older")
    assert kiosk.offer(document(6, by=NEW)) == ("taken", "")
    assert kiosk.offer(document(5)) == ("refused", "older")
    assert restarted(kiosk).current.version.endswith("centre/region=6")


def test_withdrawals_hold_while_the_centres_key_cannot_be_read(kiosk):
    kiosk.offer(document(1, revoked=[DESK.key_id]))
    kiosk.key.unlink()
    kiosk.store.reload()
    for store in (kiosk.store, restarted(kiosk)):
        assert store.current.revoked_keys == {DESK.key_id}
        assert "centre.pem" in store.problem


def test_only_documents_count_where_the_centres_are_kept(kiosk):
    take_in(Given(DESK.certificate), kiosk.centre.folder, kind="issuer", now=NOW, name="desk")
    (kiosk.centre.folder / "loose.der").write_bytes(DESK.certificate)
    kiosk.store.reload()
    assert [s.name for s in kiosk.store.current.sources] == ["own"]
    assert "no signed document" in kiosk.store.problem


def test_what_is_for_other_kiosks_is_not_taken(kiosk):
    for number, audience in enumerate((["local/annex"], ["local/main/gate-2", "other/main"]), 7):
        assert kiosk.offer(document(number, audience=audience)) == ("refused", "elsewhere")
    assert not kiosk.centre.folder.exists()
    for number, audience in enumerate((["local/main"], ["local/annex", "local/main/gate-1"]), 2):
        assert kiosk.offer(document(number, audience=audience)) == ("taken", "")


def test_a_withdrawn_key_of_the_centre_signs_nothing_any_more(kiosk):
    kiosk.offer(document(3))
    by_the_venue = TrustDocument("venue", 1, NOW, MONTH, (), frozenset({CENTRE.key_id}))
    signed = Given(trust_document.sign(by_the_venue, NEW.key, NEW.key_id), key=pem(NEW))
    take_in(signed, kiosk.folder / "own", kind="document", now=NOW)
    kiosk.store.reload()
    for store in (kiosk.store, restarted(kiosk)):
        assert "centre/region" not in {source.name for source in store.current.sources}
        assert DESK.key_id not in store.current.anchors
        assert "centre/region: the key that signed it is withdrawn" in store.problem
    assert kiosk.offer(document(4)) == ("refused", "unusable")


def test_after_its_end_a_key_of_the_centre_signs_nothing_whatever_the_date(kiosk):
    kiosk.offer(document(3))
    end = anchor_of(CENTRE.certificate).valid_until
    kiosk.keeper = CentreTrust(kiosk.centre, kiosk.store, lambda: end + MONTH, "local/main/gate-1")
    kiosk.intake = DocumentDesk({"trust": kiosk.keeper}, kiosk.events.append, lambda: kiosk.at_ns)
    for number, issued in enumerate((end + MONTH, end - MONTH), 4):
        assert kiosk.offer(document(number, issued=issued)) == ("refused", "unusable")
    assert "centre/region" in {source.name for source in restarted(kiosk).current.sources}, "it was taken before"


def test_refusals_in_turn_fill_no_journal_and_are_said_again_after_an_hour(kiosk):
    kiosk.offer(document(3))
    for _ in range(50):
        kiosk.offer(document(2))
        kiosk.offer(b"junk")
    assert [what for _, what in kiosk.recorded()] == ["3", "older", "unusable"]
    kiosk.at_ns += REFUSAL_EVERY_NS
    kiosk.offer(document(2))
    assert [what for _, what in kiosk.recorded()] == ["3", "older", "unusable", "older"]
