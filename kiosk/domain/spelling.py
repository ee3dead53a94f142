"""Names as machine-readable travel documents write them: capitals A to Z, one space between the parts.

Sources: ICAO Doc 9303 part 3, section 6, table A (Latin letters) and table B (Cyrillic, as for Russian, with the
letters of other languages); Greek, which it leaves to the states, by ELOT 743 (ISO 843). Other scripts are kept as
they are: they agree only with themselves. Doc 9303 lets a state choose for some letters (Ü as UE, UXX or U), so a
name has up to three spellings.
"""
# ruff: noqa: RUF001 - letters of three alphabets are the content of this module

import re
import unicodedata

MAX_NAME = 128
"""Characters of a field that are looked at; no name is longer."""

_LETTERS = (
    {"Đ": "D", "Ð": "D", "Ł": "L", "Ø": "OE", "Æ": "AE", "Œ": "OE", "Þ": "TH", "ẞ": "SS", "ß": "SS"}
    | {"Ħ": "H", "Ŧ": "T", "Ŋ": "N", "ĸ": "Q", "ı": "I", "Ĳ": "IJ", "Ə": "E", "Ɖ": "D"}
    | dict.fromkeys("'`\u2018\u2019\u02bc\u02b9", "")  # an apostrophe leaves no gap
)
"""Letters that are more than a letter with a mark, in capitals."""
_BROAD = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA"}
"""Where table A prefers two letters to the bare one."""
_BARE = {"Ø": "O"}
"""Where many write the bare letter, whatever table A says."""

_CYRILLIC = dict(
    zip("АБВГДЕЗИКЛМНОПРСТУФЫЭІЈҐЂЋѴѪ", "ABVGDEZIKLMNOPRSTUFYEIJGDCYU", strict=True)
) | {
    "Ж": "ZH", "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ь": "", "Ю": "IU", "Я": "IA",
    "Є": "IE", "Ѕ": "DZ", "Љ": "LJ", "Њ": "NJ", "Џ": "DZ",
}  # fmt: skip
_GREEK = dict(zip("ΑΒΓΔΕΖΗΙΚΛΜΝΞΟΠΡΣΤΥΦΩ", "AVGDEZIIKLMNXOPRSTYFO", strict=True)) | {
    "Θ": "TH", "Χ": "CH", "Ψ": "PS",
}  # fmt: skip
_GREEK_PAIRS = (
    (re.compile("ΟΥ"), "OU"),
    (re.compile("Γ(?=[ΓΞΧ])"), "N"),
    (re.compile(r"\bΜΠ|ΜΠ\b"), "B"),
    (re.compile("([ΑΕΗ])Υ(?=[ΘΚΞΠΣΤΦΧΨ]|\\b)"), r"\1Φ"),
    (re.compile("([ΑΕΗ])Υ"), r"\1Β"),
)
"""Pairs of letters that ELOT 743 writes by their sound."""

_COMBINING = {number: None for first, last in ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF)) for number in
              range(first, last + 1)}  # fmt: skip
"""Marks on Latin, Greek and Cyrillic letters; those of other scripts are letters of their own."""
_PLAIN = _COMBINING | str.maketrans(_LETTERS | _CYRILLIC | _GREEK)
_WIDE = str.maketrans(_BROAD)
_NARROW = str.maketrans(_BARE)
_CHOICE = re.compile("[ÄÖÜÅØäöüåø\u0308\u030a]")
"""The letters of both, and their marks where they stand apart."""
_GAPS = re.compile(r"[^A-Z0-9]+")
_GREEK_LETTER = re.compile("[Α-Ω]")
_CHOSEN = re.compile(r"(?<=[NU])XX")
"""Ñ as NXX and Ü as UXX (table A): nothing else writes two X behind them."""


def _words(text: str) -> str:
    """Return what is left of a name in capitals and without marks, its parts one space apart."""
    if text.isascii():
        words = _GAPS.sub(" ", text).strip()
        return _CHOSEN.sub("", words) if "XX" in words else words
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join("".join(kept).split())


def _bare(capitals: str) -> str:
    """Return capitals with their marks taken away and written in Latin letters."""
    text = unicodedata.normalize("NFKD", capitals).upper()
    if _GREEK_LETTER.search(text):
        text = text.translate(_COMBINING)
        for pair, sound in _GREEK_PAIRS:
            text = pair.sub(sound, text)
    return _words(text.translate(_PLAIN))


def fold(name: str) -> str:
    """Return a name in capitals without marks, its parts one space apart: `Nguyễn Thị-Ánh` is `NGUYEN THI ANH`."""
    capitals = name[:MAX_NAME].upper()
    return _words(capitals.replace("'", "").replace("`", "")) if capitals.isascii() else _bare(capitals)


def foldings(name: str) -> tuple[str, str, str]:
    """Return three ways to write a name in Latin capitals, `fold` first; equal where its letters leave no choice."""
    first = fold(name)
    if not _CHOICE.search(name):
        return first, first, first
    capitals = unicodedata.normalize("NFC", name[:MAX_NAME]).upper()
    return first, _bare(capitals.translate(_WIDE)), _bare(capitals.translate(_NARROW))
