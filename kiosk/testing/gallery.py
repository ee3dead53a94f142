"""Pictures of the screen to look through: one page for a browser that holds them all small, and sheets side by side."""

import base64
import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height × width × 3: blue, green, red."""
SMALL = 420
"""The longer side of a picture on the page for a browser, in pixels."""
_GAP = 12
_GROUND = (236, 230, 224)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The screen: {count} pictures</title><style>
body {{ font: 16px/1.4 system-ui, sans-serif; margin: 0; background: #e0e6ec; color: #0e2438 }}
form {{ position: sticky; top: 0; background: #fff; padding: 12px; display: flex; flex-wrap: wrap; gap: 16px }}
fieldset {{ border: 0; margin: 0; padding: 0; display: flex; gap: 8px; align-items: center }}
legend {{ float: left; font-weight: 700; margin-right: 8px }}
main {{ display: flex; flex-wrap: wrap; gap: 12px; padding: 12px; align-items: flex-start }}
figure {{ margin: 0 }} figure[hidden] {{ display: none }} img {{ display: block; max-width: 420px }}
figcaption {{ font-size: 13px }} output {{ font-weight: 700 }}
</style></head><body><form onsubmit="return false">{filters}
<label>Name <input type="search" id="name"></label><output id="shown"></output></form><main>{figures}</main><script>
const marks = {names};
const figures = [...document.querySelectorAll("figure")];
function filter() {{
  const wanted = Object.fromEntries(marks.map(mark =>
    [mark, [...document.querySelectorAll(`input[name=${{mark}}]:checked`)].map(box => box.value)]));
  const name = document.getElementById("name").value;
  for (const figure of figures)
    figure.hidden = !marks.every(mark => wanted[mark].includes(figure.dataset[mark]))
      || !figure.dataset.title.includes(name);
  document.getElementById("shown").value = figures.filter(figure => !figure.hidden).length + " pictures";
}}
document.querySelector("form").addEventListener("input", filter);
filter();
</script></body></html>
"""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture, small, and the marks by which it is filtered."""

    title: str
    file: str
    """The whole picture, relative to the page."""
    marks: dict[str, str]
    """E.g. glass, part, language, style; the same names in the same order for every picture."""
    jpeg: bytes


def shrunk(picture: Pixels, longer: int) -> Pixels:
    """Return a picture with no side longer than `longer` pixels."""
    height, width = picture.shape[:2]
    scale = min(1.0, longer / max(height, width))
    return _resized(picture, round(width * scale), round(height * scale))


def exhibit(title: str, file: str, marks: dict[str, str], picture: Pixels) -> Exhibit:
    """Return a picture for the page."""
    _, coded = cv2.imencode(".jpg", shrunk(picture, SMALL), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return Exhibit(title, file, marks, coded.tobytes())


def browser_page(exhibits: Sequence[Exhibit]) -> str:
    """Return one HTML page that needs nothing but itself; a click on a picture opens the whole one beside it."""
    names = list(exhibits[0].marks)
    filters = "".join(_filter(name, dict.fromkeys(one.marks[name] for one in exhibits)) for name in names)
    figures = "\n".join(map(_figure, exhibits))
    return _PAGE.format(count=len(exhibits), filters=filters, figures=figures, names=json.dumps(names))


def _filter(name: str, values: Iterable[str]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="{html.escape(name)}" value="{html.escape(value)}"'
        f"{' checked' if number == 0 or name == 'part' else ''}> {html.escape(value)}</label>"
        for number, value in enumerate(values)
    )
    return f"<fieldset><legend>{html.escape(name)}</legend>{boxes}</fieldset>"


def _figure(one: Exhibit) -> str:
    marks = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in one.marks.items())
    title, file = html.escape(one.title), html.escape(one.file)
    source = f"data:image/jpeg;base64,{base64.b64encode(one.jpeg).decode()}"
    return (
        f'<figure data-title="{title}" {marks}><a href="{file}"><img loading="lazy" alt="{title}" src="{source}"></a>'
        f"<figcaption>{title}</figcaption></figure>"
    )


def contact_sheet(pictures: Sequence[Pixels], columns: int, width: int) -> Pixels:
    """Return pictures of one size beside and below each other, each `width` pixels wide."""
    height = round(pictures[0].shape[0] * width / pictures[0].shape[1])
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3), _GROUND, np.uint8)
    for number, picture in enumerate(pictures):
        x, y = _GAP + number % columns * (width + _GAP), _GAP + number // columns * (height + _GAP)
        sheet[y : y + height, x : x + width] = _resized(picture, width, height)
    return sheet


def _resized(picture: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def save_picture(path: Path, picture: Pixels, compression: int = 1) -> None:
    """Save a picture as PNG. Raises OSError."""
    if not cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, compression]):
        raise OSError(f"{path} cannot be written")
