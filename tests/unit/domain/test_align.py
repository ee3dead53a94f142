from kiosk.domain.align import ALIGN_MS, HINT_MS, MS, TRIES, Aligning, FaceHint

FAR = frozenset({FaceHint.CLOSER})
DARK = frozenset({FaceHint.LIGHT})
NOTHING = frozenset()


def test_a_hint_is_said_at_once_and_stays_long_enough_to_be_read():
    face = Aligning(since_ns=0).seen(FAR, 10 * MS)
    assert face.hint is FaceHint.CLOSER
    assert face.seen(DARK, (10 + HINT_MS) * MS - 1) == face
    assert face.seen(DARK, (10 + HINT_MS) * MS).hint is FaceHint.LIGHT


def test_a_hint_that_is_over_stays_as_long_as_any_other():
    face = Aligning(since_ns=0).seen(FAR, 0)
    assert face.seen(NOTHING, HINT_MS * MS - 1).hint is FaceHint.CLOSER
    assert face.seen(NOTHING, HINT_MS * MS).hint is None


def test_of_several_hints_one_is_said():
    face = Aligning(since_ns=0).seen(frozenset({FaceHint.STILL, FaceHint.LIGHT, FaceHint.FARTHER}), 0)
    assert face.hint is FaceHint.FARTHER


def test_a_hint_that_holds_is_said_since_it_began():
    face = Aligning(since_ns=0).seen(FAR, 0).seen(FAR, HINT_MS * MS)
    assert face.hint_ns == 0
    assert face.seen(DARK, HINT_MS * MS).hint is FaceHint.LIGHT


def test_nobody_stands_there_for_longer_than_twelve_seconds():
    face = Aligning(since_ns=5 * MS)
    assert not face.is_over((5 + ALIGN_MS) * MS - 1)
    assert face.is_over((5 + ALIGN_MS) * MS)


def test_after_three_tries_staff_looks():
    face = Aligning(since_ns=0)
    for _ in range(TRIES):
        assert not face.is_over(1)
        face = face.failed()
    assert face.is_over(1)
