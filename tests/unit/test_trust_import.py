"""Trust as it is kept: receipts, versions that never go back, and files that somebody has been at."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.adapters import trust_files
from kiosk.adapters.keys import make_signer
from kiosk.adapters.trust_files import Centre
from kiosk.adapters.trust_import import OlderError, load_stored, read_stored, take_in
from kiosk.adapters.trust_memory import VersionMemory
from kiosk.adapters.trust_store import TrustStore
from kiosk.domain.trust import Algorithm, TrustError
from kiosk.testing.fuzz_seeds import sign_list
from kiosk.verify import trust_document
from kiosk.verify.trust_document import TrustDocument
from kiosk.verify.trust_list import anchor_of
from kiosk.verify.trust_sources import Given

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY, MONTH = timedelta(days=1), timedelta(days=30)
VENUE, DESK, BAR = (make_signer(name, Algorithm.ED25519, NOW) for name in ("Venue", "Desk", "Bar"))
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW, country="VN", for_passes=False)


def pem(signer):
    return x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM)


def document(version=1, *signers, issued=NOW, revoked=()):
    anchors = tuple(anchor_of(signer.certificate) for signer in signers or (DESK,))
    said = TrustDocument("venue", version, issued, timedelta(days=10), anchors, frozenset(revoked))
    return Given(trust_document.sign(said, VENUE.key, VENUE.key_id), key=pem(VENUE))


def of_centre(folder):
    (folder / "centre.pem").write_bytes(pem(VENUE))
    return Centre(folder / "state", folder / "centre.pem")


def take(folder, given, now=NOW, **more):
    return take_in(given, folder, kind="document", now=now, **more)


def take_certificate(folder, signer, now=NOW, **more):
    return take_in(Given(pem(signer)), folder, kind="issuer", now=now, **more)


def test_a_document_is_stored_under_its_own_name_and_its_age_is_its_date(tmp_path):
    receipt = take(tmp_path, document(5, issued=NOW - DAY))
    assert (receipt.name, receipt.version, receipt.imported_at) == ("venue", "5", NOW - DAY)
    trust = load_stored(tmp_path / "venue.trust")
    assert trust.find("Desk", DESK.key_id).public_key == anchor_of(DESK.certificate).public_key
    assert not trust.is_stale(NOW + 9 * DAY)
    assert trust.is_stale(NOW + 9 * DAY + timedelta(seconds=1))


def test_an_undated_content_counts_from_its_import_and_not_from_file_times(tmp_path):
    receipt = take_certificate(tmp_path, DESK, name="desk")
    assert (receipt.imported_at, receipt.max_age_days) == (NOW, None)
    trust = trust_files.load(tmp_path, max_age=MONTH)
    assert trust.age(NOW + 3 * DAY) == 3 * DAY
    assert trust.sources[0].max_age == MONTH


def test_importing_an_undated_content_again_makes_it_young_again(tmp_path):
    take_certificate(tmp_path, DESK, name="desk")
    take_certificate(tmp_path, DESK, NOW + DAY, name="desk")
    assert trust_files.load(tmp_path).age(NOW + DAY) == timedelta(0)


def test_an_undated_content_is_taken_after_a_wrong_clock_was_put_right(tmp_path):
    wrong = take_certificate(tmp_path, DESK, NOW + 3650 * DAY, name="desk")
    right = take_certificate(tmp_path, BAR, NOW, name="desk")
    assert right.version == f"{wrong.version}+"
    assert trust_files.load(tmp_path).age(NOW + DAY) == DAY


def test_the_same_document_again_grows_no_younger(tmp_path):
    assert take(tmp_path, document())
    assert take(tmp_path, document(), NOW + DAY) is None
    assert load_stored(tmp_path / "venue.trust").age(NOW + 3 * DAY) == 3 * DAY


def test_an_older_document_is_refused_even_where_the_newer_one_is_gone(tmp_path):
    take(tmp_path, document(10))
    with pytest.raises(OlderError):
        take(tmp_path, document(9))
    (tmp_path / "venue.trust").unlink()
    with pytest.raises(OlderError):
        take(tmp_path, document(9))
    assert take(tmp_path, document(10)), "what is lost may come back"


def test_one_version_has_one_content(tmp_path):
    take(tmp_path, document(3, DESK))
    with pytest.raises(OlderError, match="another content"):
        take(tmp_path, document(3, BAR))


def test_a_file_put_back_by_hand_is_refused(tmp_path):
    take(tmp_path, document(1))
    old = (tmp_path / "venue.trust").read_bytes()
    take(tmp_path, document(2))
    (tmp_path / "venue.trust").write_bytes(old)
    with pytest.raises(TrustError, match="older"):
        trust_files.load(tmp_path)


@pytest.mark.parametrize("name", ["", "Desk", "../desk", "a/b", "a" * 64])
def test_a_source_needs_a_plain_name(tmp_path, name):
    with pytest.raises(TrustError, match="name"):
        take_certificate(tmp_path, DESK, name=name)
    assert not list(tmp_path.iterdir())


def test_a_document_keeps_its_own_name(tmp_path):
    with pytest.raises(TrustError, match="'venue'"):
        take(tmp_path, document(), name="other")
    assert take(tmp_path, document(), name="venue")


def test_the_shorter_of_two_maximum_ages_counts(tmp_path):
    assert take(tmp_path, document(1), max_age_days=3).max_age_days == 3
    assert take(tmp_path, document(2), max_age_days=300).max_age_days == 10
    take(tmp_path, document(3))
    assert trust_files.load(tmp_path, max_age=DAY).sources[0].max_age == DAY


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda line, data: line + b"\n" + data[:-1], "damaged"),
        (lambda _, data: b"\n" + data, "receipt"),
        (lambda _, data: b"[]\n" + data, "receipt"),
        (lambda line, _: line, "damaged"),
        (lambda line, data: altered(line, version=7) + b"\n" + data, "receipt"),
        (lambda line, data: altered(line, version="7") + b"\n" + data, "another version"),
        (lambda line, data: altered(line, max_age_days=0) + b"\n" + data, "receipt"),
        (lambda line, data: altered(line, imported_at="2026-06-01T00:00:00") + b"\n" + data, "receipt"),
        (lambda line, data: altered(line, name="other") + b"\n" + data, "another name"),
        (lambda line, data: altered(line, kind="other") + b"\n" + data, "no kind"),
        (lambda line, data: altered(line, key=pem(BAR).decode()) + b"\n" + data, "not known here"),
        (lambda line, data: altered(line, key="") + b"\n" + data, "key of who signed it"),
        (lambda line, data: line + b"\n" + data + bytes(17 << 20), "too large"),
        (lambda line, data: altered(line, key="\ud800") + b"\n" + data, "receipt"),
    ],
    ids=range(14),
)
def test_a_stored_file_that_somebody_was_at_is_refused(tmp_path, change, why):
    take(tmp_path, document())
    path = tmp_path / "venue.trust"
    line, _, data = path.read_bytes().partition(b"\n")
    path.write_bytes(change(line, data))
    with pytest.raises(TrustError, match=why):
        read_stored(path)
    with pytest.raises(TrustError, match=r"venue\.trust"):
        trust_files.load(tmp_path)


def altered(line, **changes):
    return json.dumps(json.loads(line) | changes).encode()


def test_a_receipt_of_the_end_of_time_can_be_read_and_the_signed_date_counts(tmp_path):
    take(tmp_path, document())
    path = tmp_path / "venue.trust"
    line, _, data = path.read_bytes().partition(b"\n")
    path.write_bytes(altered(line, imported_at="9999-12-31T23:59:59-14:00") + b"\n" + data)
    assert not load_stored(path).is_stale(NOW)
    assert load_stored(path).is_stale(NOW + timedelta(days=365))


def test_the_memory_keeps_the_highest_and_survives_what_is_no_memory(tmp_path):
    memory = VersionMemory(tmp_path / "m")
    memory.remember({"a": "9", "b": "x"})
    memory.remember({"a": "10"})
    memory.remember({"a": "8"})
    assert VersionMemory(tmp_path / "m").all() == {"a": "10", "b": "x"}
    for damage in (b"", b"[]", b"{", b'{"a": 1}', b"[" * 100_000):
        (tmp_path / "m").write_bytes(damage)
        assert memory.all() == {}
    nowhere = VersionMemory(tmp_path / "no" / "m")
    nowhere.remember({"a": "1"})
    assert nowhere.all() == VersionMemory(None).all() == {}


def store_over(tmp_path, **more):
    return TrustStore(tmp_path / "trust", None, MONTH, tmp_path / "memory", **more)


def test_one_bad_source_leaves_the_others_alone(tmp_path):
    folder = tmp_path / "trust"
    take(folder, document(1))
    take_certificate(folder, BAR, name="bar")
    store = store_over(tmp_path)
    store.reload()
    assert (len(store.current), store.problem) == (2, "")

    (folder / "venue.trust").write_bytes(b"damaged")
    take_certificate(folder, make_signer("New", Algorithm.ED25519, NOW), NOW + DAY, name="new")
    store.reload()
    assert "venue.trust" in store.problem
    assert {source.name: source.version for source in store.current.sources}.keys() == {"venue", "bar", "new"}

    take(folder, document(2, DESK, BAR))
    store.reload()
    assert store.problem == ""
    assert store.current.version.split()[-1] == "venue=2"


def test_a_rolled_back_source_is_refused_over_a_restart_though_the_folders_memory_is_gone(tmp_path):
    folder = tmp_path / "trust"
    take(folder, document(1))
    old = (folder / "venue.trust").read_bytes()
    take(folder, document(2))
    store_over(tmp_path).reload()
    (folder / "venue.trust").write_bytes(old)
    (folder / "versions.memory").unlink()
    again = store_over(tmp_path)
    again.reload()
    assert "older" in again.problem
    assert len(again.current) == 0


def test_a_source_that_vanishes_takes_its_keys_away_is_said_and_remembered(tmp_path):
    folder = tmp_path / "trust"
    take(folder, document(5))
    take_certificate(folder, BAR, name="bar")
    store = store_over(tmp_path)
    store.reload()
    (folder / "venue.trust").unlink()
    store.reload()
    assert (len(store.current), store.problem, store.gone) == (1, "", ("venue",))
    (folder / "versions.memory").unlink()
    take(folder, document(4))
    store.reload()
    assert "older" in store.problem
    assert len(store.current) == 1


def test_what_the_centre_sent_counts_beside_the_venues_own(tmp_path):
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "bar.pem").write_bytes(pem(BAR))
    centre = tmp_path / "state"
    store = store_over(tmp_path, centre=of_centre(tmp_path))
    store.reload()
    assert len(store.current) == 1
    take(centre, document(1, DESK))
    assert store.reload()
    assert (len(store.current), store.problem) == (2, "")
    assert [source.name for source in store.current.sources] == ["trust", "centre/venue"]


def test_what_the_centre_sent_can_be_loaded_as_the_gate_does(tmp_path):
    take_certificate(tmp_path / "trust", BAR, name="bar")
    take(tmp_path / "state", document(1, DESK))
    trust = trust_files.load(tmp_path / "trust", centre=of_centre(tmp_path), accept_stale=["centre/venue"])
    assert [(source.name, source.accept_stale) for source in trust.sources] == [("bar", False), ("centre/venue", True)]
    nothing_sent = Centre(tmp_path / "nowhere", tmp_path / "no.pem")
    assert len(trust_files.load(tmp_path / "trust", centre=nothing_sent).sources) == 1


def test_the_venues_word_on_stale_sources_is_by_name(tmp_path):
    folder = tmp_path / "trust"
    take(folder, document())
    take_certificate(folder, BAR, name="bar")
    store = store_over(tmp_path, accept_stale={"bar"})
    store.reload()
    later = NOW + 100 * DAY
    assert {source.name: source.counts(later) for source in store.current.sources} == {"bar": True, "venue": False}


def test_documents_and_keys_in_a_folder_are_read_as_they_came(tmp_path):
    (tmp_path / "venue.cose").write_bytes(document(3).data)
    with pytest.raises(TrustError, match=r"venue-signing-key\.pem"):
        trust_files.load(tmp_path)
    (tmp_path / "venue-signing-key.pem").write_bytes(pem(VENUE))
    trust = trust_files.load(tmp_path)
    assert (trust.version, trust.sources[0].imported_at) == ("3", NOW)
    (tmp_path / "venue.cose").write_bytes(document(4, issued=NOW + DAY).data)
    assert trust_files.load(tmp_path).is_stale(NOW), "read without a clock, and stale until its day has come"
    assert not trust_files.load(tmp_path).is_stale(NOW + DAY)
    (tmp_path / "venue.cose").write_bytes(document(3).data)
    (tmp_path / "settings.json").write_text('{"nothing": "of trust"}')
    assert trust_files.load(tmp_path).anchors == trust.anchors


def a_store(folder, memory):
    store = TrustStore(folder, None, MONTH, memory)
    store.reload()
    return store


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-3]), lambda path: path.unlink()])
def test_a_withdrawn_key_stays_withdrawn_over_a_restart_when_its_document_is_lost(tmp_path, damage):
    folder, memory = tmp_path / "trust", tmp_path / "memory"
    take_certificate(folder, DESK, name="desk")
    take(folder, document(1, BAR, revoked=[DESK.key_id]))
    assert a_store(folder, memory).current.revoked_keys == {DESK.key_id}
    damage(folder / "venue.trust")
    store = a_store(folder, memory)
    assert store.current.revoked_keys == {DESK.key_id}
    assert len(store.current) == 1, "the other source is in force"
    take(folder, document(2, BAR))
    store.reload()
    assert not store.current.revoked_keys, "a newer document says otherwise"
    assert not a_store(folder, memory).current.revoked_keys


@pytest.mark.parametrize("kept", [b"\0", b"[1]", b'{"withdrawn keys": {"a": ["zz"]}}', b'{"withdrawn keys": [1]}'])
def test_a_damaged_memory_withdraws_nothing_and_stops_nothing(tmp_path, kept):
    (tmp_path / "memory").write_bytes(kept)
    assert VersionMemory(tmp_path / "memory").withdrawn() == {}


def test_of_two_documents_of_one_name_the_newest_alone_counts(tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    for name, given in (("old", document(3, DESK)), ("new", document(5, BAR))):
        (folder / f"{name}.cose").write_bytes(given.data)
        (folder / f"{name}-signing-key.pem").write_bytes(given.key)
    stateless, store = trust_files.load(folder), a_store(folder, tmp_path / "memory")
    for trust in (stateless, store.current):
        assert [(source.name, source.version) for source in trust.sources] == [("venue", "5")]
        assert DESK.key_id not in trust.anchors, "left out by the newer one"
    (folder / "new.cose").unlink()
    store.reload()
    assert "older" in store.problem, "the version is remembered by its name, not by its file"
    assert DESK.key_id not in store.current.anchors
    assert DESK.key_id not in a_store(folder, tmp_path / "memory").current.anchors


def test_a_damaged_copy_of_a_document_does_not_hide_a_newer_one(tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "a.cose").write_bytes(document(3, DESK).data)
    for name in ("a", "b"):
        (folder / f"{name}-signing-key.pem").write_bytes(pem(VENUE))
    store = a_store(folder, tmp_path / "memory")
    (folder / "a.cose").write_bytes(document(3, DESK).data[:-1] + b".")
    (folder / "b.cose").write_bytes(document(5, BAR).data)
    store.reload()
    assert store.problem
    assert store.current.version == "5"


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"\0" * 20), lambda path: path.unlink()])
def test_what_is_stored_counts_where_the_memory_is_lost(tmp_path, damage):
    take(tmp_path, document(5, BAR))
    take_certificate(tmp_path, DESK, NOW + DAY, name="desk")
    damage(tmp_path / "versions.memory")
    with pytest.raises(OlderError):
        take(tmp_path, document(3, DESK))
    again = take_certificate(tmp_path, DESK, NOW, name="desk")
    assert again.version == (NOW + DAY).isoformat(timespec="microseconds") + "+"
    assert take(tmp_path, document(6, BAR))


def with_receipt(path, **changes):
    line, _, data = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(line) | changes).encode() + b"\n" + data)


def test_a_receipt_makes_no_document_younger_or_longer_lived(tmp_path):
    take(tmp_path, document(1, issued=NOW - 9 * DAY))
    with_receipt(tmp_path / "venue.trust", imported_at=(NOW + DAY).isoformat(), max_age_days=9000)
    source = load_stored(tmp_path / "venue.trust").sources[0]
    assert (source.imported_at, source.max_age) == (NOW - 9 * DAY, 10 * DAY)
    with_receipt(tmp_path / "venue.trust", max_age_days=None)
    assert load_stored(tmp_path / "venue.trust").sources[0].max_age == 10 * DAY


@pytest.mark.parametrize("member", ["key", "issuer", "version"])
def test_half_a_character_in_a_receipt_is_refused_by_a_sentence(tmp_path, member):
    take(tmp_path, document())
    with_receipt(tmp_path / "venue.trust", **{member: "\ud800"})
    with pytest.raises(TrustError, match="receipt"):
        load_stored(tmp_path / "venue.trust")


def test_a_clock_that_was_set_back_makes_no_list_fresh_also_after_a_restart(tmp_path):
    folder, memory = tmp_path / "trust", tmp_path / "memory"
    take(folder, document(1))
    store = a_store(folder, memory)
    store.saw_time(NOW + 11 * DAY)
    take_certificate(folder, BAR, name="bar")
    store.reload()
    for one in (store, a_store(folder, memory)):
        assert one.gone == ()
        assert one.current.find("Desk", DESK.key_id).source.is_stale(NOW + DAY)
    store.saw_time(NOW)
    assert VersionMemory(memory).newest_time() == NOW + 11 * DAY, "it goes forward only"


@pytest.mark.parametrize("kept", ["soon", 1e9, 10**30, None])
def test_a_time_that_is_none_is_not_believed(tmp_path, kept):
    (tmp_path / "memory").write_text(json.dumps({"newest time": kept}))
    assert VersionMemory(tmp_path / "memory").newest_time() is None


def signed_list(day):
    """Return a health authority's list whose newest entry is of this day."""
    key_id, der = (base64.b64encode(data).decode() for data in (MINISTRY.key_id, MINISTRY.certificate))
    entry = {"country": "VN", "kid": key_id, "rawData": der, "timestamp": f"{day}T00:00:00+00:00"}
    public = MINISTRY.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Given(sign_list(MINISTRY, json.dumps({"certificates": [entry]}).encode()), key=public)


def test_a_list_that_lost_its_newest_entry_is_taken_by_a_persons_loud_word_only(tmp_path):
    folder, first = tmp_path / "trust", "2026-05-02T00:00:00+00:00"

    def take_list(day, **more):
        return take_in(signed_list(day), folder, kind="dcc", now=NOW, name="health", **more)

    take_list("2026-05-02")
    store = a_store(folder, tmp_path / "memory")
    with pytest.raises(OlderError):
        take_list("2026-05-01")
    receipt = take_list("2026-05-01", allow_older=True)
    assert (receipt.version, receipt.older_than) == (f"{first}+", first)
    store.reload()
    assert (store.current.version, store.problem) == (f"{first}+", ""), "a running kiosk takes it over"
    assert take_list("2026-05-03").older_than == ""


def test_no_word_brings_an_older_document_back(tmp_path):
    take(tmp_path, document(5))
    with pytest.raises(OlderError):
        take(tmp_path, document(4), allow_older=True)
