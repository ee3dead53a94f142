import hashlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.events import GENESIS, ClockConfidence, Event, EventType, canonical, digest, follows

EVENT = Event(
    epoch="e1",
    seq=7,
    kiosk="gate-1",
    boot="b1",
    type=EventType.VISIT_ADMITTED,
    visit="v1",
    time="2026-07-05T09:00:00+00:00",
    clock=ClockConfidence.SYNCED,
    mono_ns=123,
    data={"rule": "guests", "reasons": []},
    sealed="c2VhbGVk",
    prev=GENESIS,
)
ALTERED = {
    "epoch": "e2",
    "seq": 8,
    "kiosk": "gate-2",
    "boot": "b2",
    "type": EventType.VISIT_DENIED,
    "visit": "v2",
    "time": "2026-07-05T09:00:01+00:00",
    "clock": ClockConfidence.DRIFTING,
    "mono_ns": 124,
    "data": {"rule": "staff", "reasons": []},
    "sealed": "",
    "prev": "1" * 64,
    "hash": "2" * 64,
}


def whole(event):
    return replace(event, hash=digest(event))


def test_a_whole_event_follows_the_one_before_it():
    first = whole(EVENT)
    second = whole(replace(EVENT, seq=8, prev=first.hash))
    assert follows(first, GENESIS)
    assert follows(second, first.hash)
    assert not follows(second, GENESIS)
    assert not follows(first, first.hash)


def test_every_field_is_tried():
    assert set(ALTERED) == {field.name for field in fields(Event)}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_field_breaks_the_chain(name):
    event = whole(EVENT)
    altered = replace(event, **{name: ALTERED[name]})
    assert altered != event
    assert not follows(altered, event.prev)
    # Where the hash is made anew, the next event no longer fits.
    if name != "hash":
        assert whole(altered).hash != event.hash


def test_the_canonical_form_is_what_other_programs_can_make():
    body = {field.name: getattr(EVENT, field.name) for field in fields(Event) if field.name != "hash"}
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(EVENT) == plain
    assert digest(EVENT) == hashlib.sha256(plain).hexdigest()
    assert canonical(whole(EVENT)) == plain


def test_the_hash_is_the_same_on_every_machine():
    # An interface: the centre computes it as well. A change here breaks every chain that was ever written.
    assert digest(EVENT) == "66800d1a90299644ba35e8bb77cdc33baf375391947e330c1173f5e7043c1fcc"


def test_the_canonical_form_writes_letters_as_they_are():
    assert "Cổng số 1".encode() in canonical(replace(EVENT, kiosk="Cổng số 1"))


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_the_order_of_the_data_does_not_matter_and_its_content_does(data):
    turned = dict(reversed(data.items()))
    assert digest(replace(EVENT, data=data)) == digest(replace(EVENT, data=turned))
    assert digest(replace(EVENT, data={**data, "one more": 1})) != digest(replace(EVENT, data=data))
