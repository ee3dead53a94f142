"""Which syllables Vietnamese has: initials, rhymes, and where a tone is written. Letters are lower case, without tones.

A syllable that is being typed has its marks late (`tuongw` becomes `tương`), so a letter without a mark still counts
as every letter that it may become.
"""

import unicodedata
from functools import cache

VOWELS = frozenset("aăâeêioôơuưy")
STOPS = ("c", "ch", "p", "t", "k")
"""Finals before which only the tones sắc and nặng are heard."""
STOPPED_TONES = frozenset({"", "s", "j"})

# `kr`, `ăk` and `uk` are for the names of places: Krông Búk, Đắk Lắk.
INITIALS = frozenset(
    "b c ch d đ g gh gi h k kh kr l m n ng ngh nh p ph qu r s t th tr v x".split()  # noqa: SIM905, a table is read more easily so
) | {""}  # fmt: skip
RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay  ăc ăk ăm ăn ăng ăp ăt  âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et  ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu  iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot  oa oac oach oai oam oan oang oanh oao oap oat oay  oăc oăm oăn oăng oăt  oe oem oen oeo oet
    ô ôc ôi ôm ôn ông ôp ôt  ơ ơi ơm ơn ơp ơt
    u ua uc ui uk um un ung up ut  uân uâng uât uây  uê uêch uên uênh uêt  uôc uôi uôm uôn uông uôt  uơ
    uy uya uych uyn uynh uyp uyt uyu  uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu  ươc ươi ươm ươn ương ươp ươt ươu
    y ych yn ynh yp yt yu  yêm yên yêng yêt yêu
    """.split()  # noqa: SIM905
)  # fmt: skip


def plain(letter: str) -> str:
    """Return a letter without its mark: a for ă and â, d for đ."""
    return "d" if letter == "đ" else unicodedata.normalize("NFD", letter)[0]


def split(letters: str) -> tuple[str, str]:
    """Return what stands before the rhyme, and the rhyme. The u of `qu` and the i of `gia` belong to the former."""
    at = next((at for at, letter in enumerate(letters) if letter in VOWELS), len(letters))
    start = letters[:at]
    after = letters[at : at + 2]
    if (start == "q" and after[:1] == "u") or (start == "g" and after[:1] == "i" and after[1:] in VOWELS):
        at += 1
    return letters[:at], letters[at:]


@cache
def can_become(letters: str, tone: str) -> bool:
    """Tell whether letters with a vowel are a syllable, or the beginning of one, that may have this tone.

    The tone is its Telex key: s, f, r, x, j, or empty.
    """
    start, rhyme = split(letters)
    if start not in INITIALS:
        return False
    return any(
        _fits(rhyme, whole) and (tone in STOPPED_TONES or not whole[: len(rhyme)].endswith(STOPS))
        for whole in _rhymes(start)
    )


def _rhymes(start: str) -> frozenset[str]:
    # giêng and giếc are read as gi + iêng and gi + iêc, with one i.
    return RHYMES | {"êng", "êc"} if start == "gi" else RHYMES


def _fits(typed: str, whole: str) -> bool:
    return len(typed) <= len(whole) and all(
        letter == wanted or letter == plain(wanted) for letter, wanted in zip(typed, whole, strict=False)
    )


def tone_at(letters: str) -> int:
    """Return the place of the letter that bears the tone; `letters` has a vowel in its rhyme.

    Open `oa`, `oe` and `uy` have it on the first vowel (hòa, khỏe, thúy): so stand names on identity cards, and so
    UniKey writes unless it is told otherwise.
    """
    start, rhyme = split(letters)
    count = next((at for at, letter in enumerate(rhyme) if letter not in VOWELS), len(rhyme))
    marked = [at for at in range(count) if rhyme[at] != plain(rhyme[at])]
    if marked:
        place = marked[-1]
    elif count == 1:
        place = 0
    elif count == 2:
        # before a final the second
        place = 1 if len(rhyme) > count else 0
    else:
        place = 1
    return len(start) + place
