"""A venue's own colour, made legible. Pure.

Contrast is that of WCAG 2 (relative luminance of sRGB). Lightness is changed in OKLCh (B. Ottosson, 2020), where a
colour keeps its hue for the eye while it becomes darker or lighter; what the screen cannot show there loses chroma.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = 20
"""Bisections: a lightness to a millionth, far below one step of eight bits."""


@dataclass(frozen=True, slots=True)
class _Oklch:
    """Lightness 0 to 1, chroma from 0, hue in radians."""

    lightness: float
    chroma: float
    hue: float


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb`, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def legible(wanted: str, grounds: Iterable[str], least: float) -> str:
    """Return `wanted`, as much darker or lighter as it takes to stand out from all `grounds` by `least` to 1.

    All grounds have to be light, or all dark. Where not even black or white would do, that one is returned.
    """
    grounds = tuple(grounds)
    if all(contrast(wanted, ground) >= least for ground in grounds):
        return wanted.lower()
    end = max(("#000000", "#ffffff"), key=lambda colour: min(contrast(colour, ground) for ground in grounds))
    colour = _oklch(wanted)
    near, far = colour.lightness, float(end == "#ffffff")
    found = end
    for _ in range(_STEPS):
        middle = (near + far) / 2
        tried = _text(_Oklch(middle, colour.chroma, colour.hue))
        if all(contrast(tried, ground) >= least for ground in grounds):
            far, found = middle, tried
        else:
            near = middle
    return found


def _channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of `#rrggbb` as light, 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _light(red), _light(green), _light(blue)


def _light(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _coded(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> _Oklch:
    red, green, blue = _channels(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return _Oklch(lightness, math.hypot(a, b), math.atan2(b, a))


def _text(colour: _Oklch) -> str:
    """Return `#rrggbb`, with as much of the chroma as sRGB can show at this lightness."""
    least, most = 0.0, colour.chroma
    if _shown(light := _srgb(colour)):
        least = most
    for _ in range(_STEPS if least < most else 0):
        middle = (least + most) / 2
        tried = _srgb(_Oklch(colour.lightness, middle, colour.hue))
        if _shown(tried):
            least, light = middle, tried
        else:
            most = middle
    if not _shown(light):
        light = _srgb(_Oklch(colour.lightness, 0.0, 0.0))
    return "#" + "".join(f"{round(min(max(_coded(max(part, 0.0)), 0.0), 1.0) * 255):02x}" for part in light)


def _shown(light: tuple[float, float, float]) -> bool:
    return all(-1e-6 <= part <= 1 + 1e-6 for part in light)


def _srgb(colour: _Oklch) -> tuple[float, float, float]:
    a, b = colour.chroma * math.cos(colour.hue), colour.chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
