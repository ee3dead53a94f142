"""`kiosk bench read`: how much of what is held up each engine reads, and what that costs."""

import argparse
import itertools
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from kiosk.bench.read import ladder
from kiosk.bench.read.clips import CLIPS, Clip
from kiosk.bench.read.engines import KNOWN, NAMES, open_named, present
from kiosk.bench.read.frames import Frame, frames_for, make_frame
from kiosk.bench.read.ladder import measure_tries
from kiosk.bench.read.measure import Scores, measure_frames
from kiosk.bench.read.photos import NO_CODE, FolderError, PhotoSet, find_sets, measure_photos
from kiosk.bench.read.replay import PI_4, PI_5, measure_clips
from kiosk.bench.read.report import (
    AXIS_HEADER,
    CLIP_HEADER,
    SCORE_HEADER,
    TARGET_HEADER,
    ReadFigures,
    as_object,
    axis_rows,
    clip_rows,
    score_rows,
    seed_line,
    target_rows,
    targets,
)
from kiosk.bench.read.show import save_pictures
from kiosk.cli.output import APPLIANCE, DONE, USAGE, CommandError, print_json, print_table, printable, say_error

EXAMPLES = (
    "kiosk bench read ../shared/vectors/qr-photos --chart reading.png",
    "kiosk bench read --only frames --frames 360 --seed 2",
    "kiosk bench read --only clips --slow 2.5 --engines cascade,zxing",
)
PARTS = ("photos", "frames", "clips")
TRIES = "tries"
_FRAMES = 2160
_SLIPS = 5
"""Names of wrong or false reads that are printed, an engine; JSON has all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="DIR",
        help="folder of pictures, each beside its label (N.txt or N.bin), or folder of such folders; names that begin "
        f"with {', '.join(NO_CODE)} mean that there is no QR code in the folder",
    )  # fmt: skip
    parser.add_argument(
        "--negatives", action="append", default=[], type=Path, metavar="DIR",
        help="a folder without QR codes, whatever its name; may be repeated",
    )  # fmt: skip
    parser.add_argument("--full-size", action="store_true", help="do not reduce photographs to 1280 pixels")
    parser.add_argument(
        "--frames", type=int, default=_FRAMES, metavar="N", help=f"frames with a code; a sixth more without ({_FRAMES})"
    )
    parser.add_argument("--clips", type=int, default=CLIPS, metavar="N", help=f"approach clips ({CLIPS})")
    parser.add_argument(
        "--slow", action="append", type=float, metavar="X",
        help=f"CPU of the clips slowed: {PI_5:g} is a Pi 5, {PI_4:g} a Pi 4; may be repeated (both)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=argparse.SUPPRESS, metavar="N", help="odd to report, even to tune (1)"
    )
    parser.add_argument(
        "--engines", type=_engines, default=NAMES, metavar="LIST", help=f"of {', '.join(KNOWN)} ({','.join(NAMES)})"
    )
    parser.add_argument(
        "--only", choices=(*PARTS, TRIES), metavar="PART",
        help=f"one of {', '.join(PARTS)}; or tries: what each try of the cascade reads of what one look leaves unread",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw a chart: FILE.png or FILE.svg")
    parser.add_argument("--save-frames", type=Path, metavar="DIR", help="write frames of every kind as pictures, too")


def _engines(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in KNOWN:
            raise argparse.ArgumentTypeError(f"there is no engine '{name[:40]}'; there are {', '.join(KNOWN)}")
    return names


def _progress(text: str) -> None:
    print(f"… {printable(text)}", file=sys.stderr, flush=True)


def _check(options: argparse.Namespace) -> tuple[list[PhotoSet], tuple[float, ...]]:
    """Return photographs and speeds. Raises CommandError before anything takes long."""
    if not 1 <= options.frames <= 100_000 or not 1 <= options.clips <= 1000 or options.seed < 0:
        raise CommandError("--frames is from 1 to 100000, --clips from 1 to 1000, --seed 0 or more")
    slows = tuple(options.slow or (PI_5, PI_4))
    if not all(0.1 <= slow <= 20 for slow in slows):
        raise CommandError("--slow is from 0.1 to 20")
    given = bool(options.folders or options.negatives)
    if given and options.only not in (None, "photos"):
        raise CommandError(f"--only {options.only} looks at no photographs; leave the folders out")
    if options.only == "photos" and not given:
        raise CommandError("--only photos needs a folder of pictures; name one")
    try:
        return find_sets(options.folders, options.negatives), slows
    except (FolderError, OSError) as error:
        raise CommandError(str(error)) from error


def _chart(path: Path | None) -> Callable[[ReadFigures], None]:
    """Return what draws the chart. Raises CommandError now rather than after minutes of measuring."""
    if path is None:
        return lambda _: None
    if path.suffix.lower() not in (".png", ".svg") or not path.resolve().parent.is_dir():
        raise CommandError(f"--chart '{path}': give a .png or .svg file in a folder that is there")
    try:
        from kiosk.bench.read.chart import draw
    except ImportError as error:
        raise CommandError("the chart needs matplotlib; install it (`pip install matplotlib`)", APPLIANCE) from error
    return lambda figures: draw(figures, path)


def _frames(seed: int, total: int) -> Iterator[Frame]:
    return (make_frame(seed, index) for index in range(total))


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    sets, slows = _check(options)
    if options.only == TRIES:
        return _tries(options)
    draw = _chart(options.chart)
    names, missing = present(options.engines)
    if not names:
        raise CommandError("; ".join(missing.values()), APPLIANCE)
    parts = (options.only,) if options.only else PARTS
    if options.save_frames:
        _save(options.save_frames, options.seed)
    total = frames_for(options.frames)
    photos = frames = clips = None
    if sets:
        photos = measure_photos(sets, names, open_named, _progress, full_size=options.full_size)
    if "frames" in parts:
        frames = measure_frames(_frames(options.seed, total), total, names, open_named, _progress)
    if "clips" in parts:
        made = [Clip(options.seed, number) for number in range(options.clips)]
        clips = measure_clips(made, slows, names, open_named, _progress)
    figures = ReadFigures(options.seed, names, missing, photos, frames, clips)
    if options.json:
        print_json({**as_object(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    try:
        draw(figures)
    except OSError as error:
        raise CommandError(f"--chart '{options.chart}' cannot be written to; name another file") from error
    for sentence in photos.unreadable if photos else ():
        say_error(sentence)
    return USAGE if photos and photos.unreadable else DONE


def _save(folder: Path, seed: int) -> None:
    try:
        count = save_pictures(folder, seed)
    except OSError as error:
        raise CommandError(f"'{folder}' cannot be written to; name another folder for --save-frames") from error
    _progress(f"{count} pictures are in {folder}")


def _print(figures: ReadFigures) -> None:
    print(seed_line(figures.seed))
    for name, sentence in figures.missing.items():
        print(f"{name} is missing: {sentence}.")
    if figures.photos:
        counts = next(iter(figures.photos.scores.values()))
        print(f"\nPhotographs: {counts.of} with a code, {counts.negatives} without one")
        print_table(SCORE_HEADER, score_rows(figures.photos.scores, figures.missing))
        if figures.photos.unlabelled or figures.photos.unreadable:
            print(f"left out: {figures.photos.unlabelled} without label, {len(figures.photos.unreadable)} unreadable")
        _print_slips(figures.photos.scores)
    if figures.frames:
        print("\nSynthetic frames, 1280 × 720")
        print_table(SCORE_HEADER, score_rows(figures.frames, figures.missing))
        print()
        print_table(AXIS_HEADER, axis_rows(figures.frames))
        _print_slips(figures.frames)
    if figures.clips:
        print("\nApproach clips at 30 frames/s: whole code in view → read")
        print_table(CLIP_HEADER, clip_rows(figures.clips))
    if found := targets(figures):
        print()
        print_table(TARGET_HEADER, target_rows(found))


def _print_slips(scores: Scores) -> None:
    for name, score in scores.items():
        if score.slips:
            more = f", and {len(score.slips) - _SLIPS} more" if len(score.slips) > _SLIPS else ""
            print(f"not as it should be, {name}: {'; '.join(itertools.islice(score.slips, _SLIPS))}{more}")


def _tries(options: argparse.Namespace) -> int:
    """Measure and print what the order of the cascade's tries rests on."""
    rungs = measure_tries(_frames(options.seed, frames_for(options.frames)), _progress)
    if options.json:
        print_json({"seed": options.seed, "tries": [asdict(rung) for rung in rungs]})
        return DONE
    print(seed_line(options.seed) + "\n")
    print_table(ladder.HEADER, ladder.rows(rungs))
    return DONE
