"""Vietnamese by Telex, as people type it on phones and with UniKey.

aa ee oo for â ê ô, aw ow uw for ă ơ ư, dd for đ, and s f r x j for the tones of the whole syllable, anywhere after its
vowel; z takes a tone away.

The same key again takes back what it did and stands for itself: `aaa` is aa, `ass` is as. From then on the word is left
alone, as it is where it can be no Vietnamese syllable: `windows` and `text` come out as typed.
"""

import unicodedata
from dataclasses import dataclass, replace

from ui.keyboard.syllables import can_become, plain, split, tone_at

TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_KEYS = {mark: key for key, mark in TONES.items()}
_DOUBLED = {"a": "â", "e": "ê", "o": "ô"}
_HOOKED = {"a": "ă", "o": "ơ", "u": "ư"}
_OPEN_UO = frozenset({"h", "kh", "th"})
"""Before these an open `uơ` is a word: thuở, huơ."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is being typed."""

    keys: str = ""
    """What has been typed."""
    letters: str = ""
    """Its letters with their marks and without the tone, lower case."""
    capitals: tuple[bool, ...] = ()
    """Which letters are capitals."""
    tone: str = ""
    """The key of its tone."""
    lone_w: bool = False
    """Its ư was typed as w alone."""
    literal: str | None = None
    """The text as it stands, where it is not to be changed any more."""

    @property
    def text(self) -> str:
        """What it reads."""
        if self.literal is not None:
            return self.literal
        shown = list(self.letters)
        if self.tone:
            at = tone_at(self.letters)
            shown[at] = unicodedata.normalize("NFC", shown[at] + TONES[self.tone])
        return "".join(one.upper() if big else one for one, big in zip(shown, self.capitals, strict=True))

    @property
    def rhyme(self) -> str:
        """Its vowels and what follows them."""
        return split(self.letters)[1]

    def press(self, key: str) -> "Word":
        """Return the word after one more letter was typed."""
        keys = self.keys + key
        if self.literal is not None:
            return replace(self, keys=keys, literal=self.literal + key)
        low = key.lower()
        changed = (self.rhyme and _with_tone(self, low)) or _with_mark(self, key) or _with_letter(self, key)
        if isinstance(changed, _Undone):
            return replace(changed.word, keys=keys, literal=changed.word.text + key)
        if changed.rhyme and not can_become(changed.letters, changed.tone):
            return replace(changed, keys=keys, literal=keys)
        return replace(changed, keys=keys)

    @classmethod
    def of(cls, text: str) -> "Word":
        """Return the word that reads `text`, to be typed on; one that is not spelt as Telex would is left alone."""
        word = compose(spell(text))
        return word if word.text == text else cls(keys=text, literal=text)


@dataclass(frozen=True, slots=True)
class _Undone:
    """A key was pressed again: this is the word without what it had done."""

    word: Word


def compose(keys: str) -> Word:
    """Return the word that these keys type."""
    word = Word()
    for key in keys:
        word = word.press(key)
    return word


def spell(text: str) -> str:
    """Return keys that type `text`, if it is Vietnamese: its letters with their marks, then the tone."""
    keys, tone = "", ""
    for letter in text:
        base, *marks = list(unicodedata.normalize("NFD", letter))
        tone = next((_KEYS[mark] for mark in marks if mark in _KEYS), tone)
        low = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in _KEYS)).lower()
        base = {"đ": "d", "Đ": "D"}.get(base, base)
        keys += base + ("w" if low in "ăơư" else base.lower() if low in "âêôđ" else "")
    return keys + tone


def _with_tone(word: Word, key: str) -> Word | _Undone | None:
    """Return the word with the tone of `key`, without it where it had that; None: the key is no tone here."""
    if key == "z":
        return replace(word, tone="") if word.tone else None
    if key not in TONES:
        return None
    if word.tone == key:
        return _Undone(replace(word, tone=""))
    return replace(word, tone=key) if can_become(word.letters, key) else None


def _with_mark(word: Word, key: str) -> Word | _Undone | None:
    """Return the word with what `key` marks; None: the key marks nothing here."""
    match key.lower():
        case "d":
            return _with_bar(word)
        case "w":
            return _with_hook(word, big=key.isupper())
        case "a" | "e" | "o":
            return _with_roof(word, key.lower())
        case _:
            return None


def _with_bar(word: Word) -> Word | _Undone | None:
    # In an abbreviation (SĐT) the d may stand anywhere, but then right before.
    at = 0 if word.rhyme else len(word.letters) - 1
    here = word.letters[at : at + 1]
    if here == "đ":
        return _Undone(_put(word, at, "d"))
    return _possible(_put(word, at, "đ")) if here == "d" else None


def _with_roof(word: Word, key: str) -> Word | _Undone | None:
    start, rhyme = split(word.letters)
    at = len(start) + "".join(map(plain, rhyme)).rfind(key)
    if at < len(start):
        return None
    if word.letters[at] == _DOUBLED[key]:
        return _Undone(_put(word, at, key))
    changed = _put(word, at, _DOUBLED[key])
    if word.letters[at - 1 : at + 1] == "ươ":
        changed = _put(changed, at - 1, "u")
    return _possible(changed)


def _with_hook(word: Word, *, big: bool) -> Word | _Undone | None:
    if not word.rhyme:
        return _possible(replace(_append(word, "ư", big=big), lone_w=True))
    if word.lone_w:
        return _Undone(_without_last(word))
    if _is_hooked(word):
        return _Undone(replace(word, letters="".join(plain(one) if one in "ăơư" else one for one in word.letters)))
    start, rhyme = split(word.letters)
    if (pair := "".join(map(plain, rhyme)).find("uo")) >= 0:
        return _with_hooked_pair(word, len(start) + pair)
    # The first that makes a syllable: ưa rather than uă, oă rather than ơa.
    tried = ((at, _HOOKED.get(plain(word.letters[at]))) for at in range(len(start), len(word.letters)))
    return next((done for at, one in tried if one and (done := _possible(_put(word, at, one)))), None)


def _is_hooked(word: Word) -> bool:
    """Tell whether w has done what it can here: `ưo` and `uơ` are on their way to ươ."""
    start, rhyme = split(word.letters)
    unfinished = "ưo" in rhyme or ("uơ" in rhyme and not _ends_in_uo(start, rhyme))
    return not unfinished and any(letter in "ăơư" for letter in rhyme)


def _with_hooked_pair(word: Word, at: int) -> Word | None:
    """Return the word with ươ in the place of the uo or uô at `at`; uơ where it may end so."""
    changed = _put(word, at + 1, "ơ")
    start, rhyme = split(word.letters)
    return _possible(changed if _ends_in_uo(start, rhyme) and rhyme[0] == "u" else _put(changed, at, "ư"))


def _ends_in_uo(start: str, rhyme: str) -> bool:
    return start in _OPEN_UO and len(rhyme) == 2 and plain(rhyme[1]) == "o"


def _with_letter(word: Word, key: str) -> Word:
    changed = _append(word, key.lower(), big=key.isupper())
    # `thuow` may be a word, thuơ; what follows shows that it was ươ. So it does where only the u was hooked.
    if word.rhyme not in ("uơ", "ưo"):
        return changed
    return _put(_put(changed, len(word.letters) - 2, "ư"), len(word.letters) - 1, "ơ")


def _without_last(word: Word) -> Word:
    return replace(word, letters=word.letters[:-1], capitals=word.capitals[:-1], tone="")


def _put(word: Word, at: int, letter: str) -> Word:
    return replace(word, letters=word.letters[:at] + letter + word.letters[at + 1 :])


def _append(word: Word, letter: str, *, big: bool) -> Word:
    return replace(word, letters=word.letters + letter, capitals=(*word.capitals, big))


def _possible(word: Word) -> Word | None:
    return word if not word.rhyme or can_become(word.letters, word.tone) else None
