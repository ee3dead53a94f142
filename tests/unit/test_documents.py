"""What becomes of a document from the centre: every refusal, and going back where force fails."""

import asyncio
import os
from datetime import timedelta

import pytest

from kiosk.adapters.document_store import DocumentStore
from kiosk.adapters.documents import Centre, DocumentKeeper
from kiosk.adapters.policy_archive import PolicyArchive, read_policy
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.registers import Register
from kiosk.adapters.trust_memory import write_whole
from kiosk.api.messages import DocumentOffer, Role
from kiosk.api.parcel import pack as parcel_of
from kiosk.app.document_desk import REFUSAL_EVERY_NS, DocumentDesk
from kiosk.config import ConfigError
from kiosk.domain.centre import Permission, document_topic
from kiosk.domain.document import DocumentKind
from kiosk.domain.events import EventType
from kiosk.domain.roster import Roster
from kiosk.roster_file import read_roster
from kiosk.testing.centre_documents import KEYS, KIOSK, KITCHEN, NOW, OFFICE, document, signed
from kiosk.testing.centre_keys import STRANGER, known, made_key
from kiosk.testing.shell import RecordingPeer
from kiosk.verify.document import pack
from kiosk.verify.statement import countersign, sign

ROSTER = DocumentKind.ROSTER
NEW_KEY = made_key(13)


def roster(*people):
    return "".join(f'[[member]]\nperson = "{one}"\n' for one in people).encode()


def offer(version, *people, key=OFFICE, kiosk=KIOSK, **more):
    return signed(document(ROSTER, version, roster(*people), **more), key, kiosk)


class Failing(Register):
    """A register whose force fails while `broken`."""

    broken = False

    def check(self, files):
        force = super().check(files)

        def take():
            if self.broken:
                raise OSError(28, "No space left on device")
            force()

        return take


class Kiosk:
    """The keeper of rosters over a folder, with a disk that can be made to fail."""

    def __init__(self, folder):
        self.folder, self.keys, self.now, self.full = folder / "documents", KEYS, NOW, False
        self.start()

    def start(self):
        self.register = Failing(read_roster, Roster())
        self.keeper = DocumentKeeper(
            ROSTER, DocumentStore(self.folder, self.write), self.register,
            Centre(KIOSK, lambda: self.keys, lambda: self.now),
        )  # fmt: skip
        self.keeper.restore()

    def write(self, path, data):
        if self.full:
            raise OSError(28, "No space left on device")
        write_whole(path, data)

    def take(self, data):
        answer = self.keeper.take(data)
        return answer.outcome, answer.code

    def people(self):
        return sorted(self.register.current.members)


@pytest.fixture
def kiosk(tmp_path):
    return Kiosk(tmp_path)


def test_a_good_one_is_in_force_at_once_and_after_a_start(kiosk):
    answer = kiosk.keeper.take(offer(7, "a", "b"))
    assert (answer.outcome, answer.version, answer.origin) == ("taken", "7", "office")
    assert kiosk.people() == ["a", "b"]
    kiosk.start()
    assert kiosk.people() == ["a", "b"]
    assert kiosk.take(offer(7, "a", "b")) == ("known", ""), "it comes with every connection, and is no news"


def test_an_older_one_never_comes_back(kiosk):
    kiosk.take(offer(7, "a"))
    for _ in range(2):
        assert kiosk.take(offer(6, "b")) == ("refused", "older")
        assert kiosk.take(offer(7, "b")) == ("refused", "older"), "a number has one content"
        assert kiosk.people() == ["a"]
        kiosk.start()
    (kiosk.folder / "roster.cose").write_bytes(b"damaged")
    (kiosk.folder / "roster.before.cose").unlink(missing_ok=True)
    kiosk.start()
    assert (kiosk.people(), "not in force" in kiosk.keeper.problem) == ([], True)
    assert kiosk.take(offer(6, "b")) == ("refused", "older"), "the memory of versions survives"
    assert kiosk.take(offer(7, "a")) == ("taken", ""), "the newest itself may come back"


@pytest.mark.parametrize(("data", "code"), [
    (b"", "unusable"), (b"junk", "unusable"), (b"\xd2\x84", "unusable"),
    (offer(9, "x", key=STRANGER), "unusable"),
    (offer(9, "x", kiosk="local/main/gate-2"), "unusable"),
    (offer(9, "x")[:-1] + b"\0", "unusable"),
    (sign(b"\xa0", OFFICE, document_topic(KIOSK, ROSTER)), "unusable"),
    (sign(b"\xa2\x01\x65epoch\x02\x07", OFFICE, document_topic(KIOSK, ROSTER)), "unusable"),
    (offer(9, "x", key=KITCHEN), "not_permitted"),
    (countersign(offer(9, "x"), KITCHEN, document_topic(KIOSK, ROSTER)), "not_permitted"),
    (offer(9, "x", audience=frozenset({"local/annex", "local/main/gate-2"})), "elsewhere"),
    (offer(9, "x", issued_at=NOW + timedelta(minutes=6)), "not_yet"),
    (offer(9, "001099012345"), "invalid"),
    (signed(document(ROSTER, 9, b"\xff")), "invalid"),
    (signed(document(ROSTER, 9, bytes(2 << 20))), "invalid"),
])  # fmt: skip
def test_a_bad_one_is_refused_by_a_code_and_changes_nothing(kiosk, data, code):
    kiosk.take(offer(7, "a"))
    assert kiosk.take(data) == ("refused", code)
    assert kiosk.people() == ["a"]
    kiosk.start()
    assert kiosk.people() == ["a"]


def test_one_of_another_kind_is_none_of_this(kiosk):
    deny = document(DocumentKind.DENY, 9, b"")
    assert kiosk.take(signed(deny)) == ("refused", "unusable"), "its topic says another kind"
    assert kiosk.take(sign(pack(deny), OFFICE, document_topic(KIOSK, ROSTER))) == ("refused", "unusable")


def test_without_keys_nothing_is_taken(kiosk):
    kiosk.keys = {}
    assert kiosk.take(offer(7, "a")) == ("refused", "no_key")

    def unreadable():
        raise ConfigError("centre-keys.toml: cannot be read")

    kiosk.keeper = DocumentKeeper(
        ROSTER, DocumentStore(kiosk.folder), kiosk.register, Centre(KIOSK, unreadable, lambda: NOW)
    )
    assert kiosk.take(offer(7, "a")) == ("refused", "no_key")


def test_a_full_disk_refuses_and_leaves_what_was_there(kiosk):
    kiosk.take(offer(7, "a"))
    kiosk.full = True
    assert kiosk.take(offer(8, "b")) == ("refused", "not_stored")
    assert kiosk.people() == ["a"]
    kiosk.full = False
    assert kiosk.take(offer(8, "b")) == ("taken", "")


def test_what_cannot_be_taken_into_force_is_rolled_back_and_may_come_again(kiosk):
    kiosk.take(offer(7, "a"))
    kiosk.register.broken = True
    assert kiosk.take(offer(8, "b")) == ("refused", "not_in_force")
    kiosk.start()
    assert kiosk.people() == ["a"]
    assert kiosk.take(offer(8, "b")) == ("taken", ""), "its number was not used up"


def test_of_two_damaged_by_turns_the_one_before_is_in_force(kiosk):
    kiosk.take(offer(7, "a"))
    kiosk.take(offer(8, "b"))
    (kiosk.folder / "roster.cose").write_bytes(b"damaged")
    kiosk.start()
    assert kiosk.people() == ["a"]
    assert kiosk.keeper.problem.endswith("the one before it is")
    assert kiosk.take(offer(7, "a")) == ("known", "")
    kiosk.take(offer(9, "c"))
    (kiosk.folder / "roster.cose").write_bytes(b"damaged")
    kiosk.start()
    assert kiosk.people() == ["a"], "the damaged one was not kept in its place"


def test_what_a_key_said_ends_with_the_key(kiosk):
    kiosk.take(offer((1 << 53) - 1, "thief"))
    kiosk.keys = known(new=(NEW_KEY, [Permission.ROSTER]))
    kiosk.start()
    assert kiosk.people() == []
    assert kiosk.take(offer(2, "a", key=NEW_KEY)) == ("taken", ""), "a stolen key cannot use up the numbers"


def test_a_process_that_dies_at_any_write_leaves_the_old_one_or_the_new_one(tmp_path):
    for number in range(4):
        kiosk = Kiosk(tmp_path / str(number))
        kiosk.take(offer(7, "old"))
        writes = []

        def write(path, data, writes=writes, last=number):
            if len(writes) == last:
                raise KeyboardInterrupt  # the process is gone
            writes.append(path.name)
            write_whole(path, data)

        kiosk.write = write
        kiosk.keeper = DocumentKeeper(
            ROSTER, DocumentStore(kiosk.folder, write), kiosk.register, Centre(KIOSK, lambda: KEYS, lambda: NOW)
        )
        kiosk.keeper.restore()
        try:
            kiosk.take(offer(8, "new"))
        except KeyboardInterrupt:
            pass
        else:
            assert writes == ["roster.before.cose", "roster.cose", "newest.json"], "it died at each of these"
        again = Kiosk(tmp_path / str(number))
        assert again.people() == (["old"] if number < 2 else ["new"])
        assert again.take(offer(6, "older")) == ("refused", "older")
        assert again.take(offer(8, "new")) in (("taken", ""), ("known", ""))
        assert again.people() == ["new"]


class Desk:
    """The desk in front of the keeper, and a bridge that offers."""

    def __init__(self, kiosk):
        self.at_ns, self.events, self.taken, self.kiosk = 0, [], [], kiosk
        self.desk = DocumentDesk({"roster": kiosk.keeper}, self.events.append, lambda: self.at_ns, self.taken.append)

    def offer(self, data, kind="roster", size=None):
        peer, parcel = RecordingPeer(Role.BRIDGE), parcel_of(data)
        try:
            message = DocumentOffer(kind=kind, size=size or len(data), sha256="ab" * 32)
            asyncio.run(self.desk.take(message, parcel, peer))
        finally:
            os.close(parcel)
        (answer,) = peer.sent
        assert answer.sha256 == "ab" * 32
        return answer.outcome, answer.code


def test_the_journal_says_what_changed_and_by_whom_and_each_refusal_once_an_hour(kiosk):
    desk = Desk(kiosk)
    assert desk.offer(offer(7, "a")) == ("taken", "")
    assert [(one.type, dict(one.data)) for one in desk.events] == [
        (EventType.DOCUMENT_CHANGED, {"kind": "roster", "version": "7", "by": "office"})
    ]
    assert desk.taken == ["roster"]
    for _ in range(3):
        assert desk.offer(offer(6, "b")) == ("refused", "older")
        assert desk.offer(b"x", size=7) == ("refused", "unreadable")
        assert desk.offer(b"x", kind="settings") == ("refused", "no_key")
        assert desk.offer(offer(7, "a")) == ("known", "")
    desk.at_ns += REFUSAL_EVERY_NS
    desk.offer(offer(6, "b"))
    assert [(one.data["kind"], one.data["code"]) for one in desk.events[1:]] == [
        ("roster", "older"), ("roster", "unreadable"), ("settings", "no_key"), ("roster", "older"),
    ]  # fmt: skip


def test_a_policy_whose_archive_cannot_be_written_is_rolled_back(tmp_path):
    text = 'version = "{}"\nzone = "lobby"\n[[admit]]\nname = "visitor"\nkinds = ["visit"]\n'
    (tmp_path / "policy.toml").write_text(text.format("own"))
    archive = PolicyArchive(tmp_path / "policies")
    policies = PolicyStore(read_policy(tmp_path / "policy.toml")[0], archive, tmp_path / "documents")
    store = DocumentStore(tmp_path / "documents")
    keeper = DocumentKeeper(DocumentKind.POLICY, store, policies, Centre(KIOSK, lambda: KEYS, lambda: NOW))
    first, second = (
        signed(document(DocumentKind.POLICY, number, text.format(number).encode())) for number in (1, 2)
    )  # fmt: skip
    assert keeper.take(first).outcome == "taken"
    (tmp_path / "policies").rename(tmp_path / "elsewhere")
    (tmp_path / "policies").write_text("no folder")
    assert keeper.take(second).code == "not_in_force"
    assert (policies.current.version, store.current(DocumentKind.POLICY)) == ("1", first)
