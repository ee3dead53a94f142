"""The fuzzer: every parser, fed with changed inputs, may refuse them in its own words and do nothing else.

Of each input it is checked that no other exception comes out, that the run takes at most 50 ms of processor time, and
that it allocates at most 64 MB at once (DESIGN section 7). A run that looks too slow or too large is repeated before it
counts, so that a busy machine finds nothing.

Two engines: `atheris` (libFuzzer, guided by coverage) where it is installed, else `mutation`, seeded changes that keep
what reaches new lines (Python 3.12 and newer; before that without such guidance). docs/fuzzing.md has the rest.
"""

import gc
import hashlib
import json
import os
import subprocess
import sys
import time
import tracemalloc
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from kiosk.testing.fuzz_mutate import TOKENS, mutate

MAX_CPU_NS = 50_000_000
MAX_BYTES = 64 << 20
_SAMPLE = 64
"""Of how many inputs one has its allocations measured: measuring takes longer than most runs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that a parser did not bear."""

    target: str
    what: str
    data: bytes


@dataclass(slots=True)
class Stats:
    """What one target's fuzzing came to."""

    target: str
    engine: str
    runs: int = 0
    corpus: int = 0
    slowest_ms: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def _rng(seed: int | str) -> Random:
    return Random(seed)  # noqa: S311 - has to be the same again, not secret


def _raised(target: Any, data: bytes) -> str:
    """Run once; return what came out that must not, empty for nothing."""
    try:
        target.run(data)
    except target.refusals:
        return ""
    except Exception as error:  # noqa: BLE001 - any other exception is what is looked for
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else "?"
        return f"{type(error).__name__} at {where}"
    return ""


def _cpu_ns(target: Any, data: bytes) -> int:
    start = time.process_time_ns()
    _raised(target, data)
    return time.process_time_ns() - start


def _peak(target: Any, data: bytes) -> int:
    tracemalloc.start()
    try:
        _raised(target, data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def examine(target: Any, data: bytes) -> str:
    """Return what is wrong with how a parser bears `data`, empty for nothing. Only what is slow each time is slow."""
    if what := _raised(target, data):
        return what
    if _cpu_ns(target, data) > MAX_CPU_NS:
        gc.collect()  # what others left behind is none of this parser's time
        if min(_cpu_ns(target, data) for _ in range(5)) > MAX_CPU_NS:
            return "slower than 50 ms"
    return "more than 64 MB" if _peak(target, data) > MAX_BYTES else ""


def _glance(target: Any, data: bytes, number: int, stats: Stats) -> bool:
    """Run once, and tell whether the input has to be examined."""
    start = time.process_time_ns()
    what = _raised(target, data)
    took = time.process_time_ns() - start
    stats.runs += 1
    if took > stats.slowest_ms * 1e6:
        stats.slowest_ms = took / 1e6
    return bool(what) or took > MAX_CPU_NS or (number % _SAMPLE == 0 and _peak(target, data) > MAX_BYTES)


class Lines:
    """Tells which inputs reach new lines, at hardly any cost: each line reports once and is then switched off."""

    _TOOL = 4  # not spoken for, unlike those of debuggers, coverage and profilers

    def __init__(self) -> None:
        self.new = 0
        self._monitoring: Any = getattr(sys, "monitoring", None)  # Python 3.12
        if self._monitoring is not None:
            self._monitoring.use_tool_id(self._TOOL, "fuzz")
            self._monitoring.register_callback(self._TOOL, self._monitoring.events.LINE, self._line)
            self._monitoring.set_events(self._TOOL, self._monitoring.events.LINE)
            self._monitoring.restart_events()  # lines that an earlier one switched off

    @property
    def guided(self) -> bool:
        """Whether this Python can tell at all."""
        return self._monitoring is not None

    def _line(self, code: Any, line: int) -> Any:
        del line
        self.new += "/kiosk/" in code.co_filename or "/mqtt_bridge/" in code.co_filename
        return self._monitoring.DISABLE

    def close(self) -> None:
        """Stop telling."""
        if self._monitoring is not None:
            self._monitoring.set_events(self._TOOL, 0)
            self._monitoring.register_callback(self._TOOL, self._monitoring.events.LINE, None)
            self._monitoring.free_tool_id(self._TOOL)


def by_mutation(target: Any, seed: int, *, runs: int | None = None, seconds: float | None = None) -> Stats:
    """Fuzz one target by seeded changes, for so many runs or so long. The same seed makes the same inputs."""
    rng, corpus, lines = _rng(f"{seed} {target.name}"), [*target.seeds()] or [b""], Lines()
    rng.shuffle(corpus)
    whole = len(corpus) if runs is None else min(len(corpus), runs // 3)
    _raised(target, corpus[0])  # imports and caches of the first run are no work of the parser
    stats = Stats(target.name, "mutation, guided by lines" if lines.guided else "mutation, without guidance")
    end = None if seconds is None else time.monotonic() + seconds
    seen: set[str] = set()
    try:
        for number in range(sys.maxsize if runs is None else runs):
            if end is not None and time.monotonic() > end:
                break
            fresh = number < whole
            data = corpus[number][: target.limit] if fresh else mutate(
                rng, rng.choice(corpus), corpus, target.limit, tree=target.tree
            )  # fmt: skip
            before = lines.new
            if _glance(target, data, number, stats) and (what := examine(target, data)) not in {"", *seen}:
                seen.add(what)
                stats.findings.append(Finding(target.name, what, data))
            if lines.new > before and not fresh:
                corpus.append(data)
    finally:
        lines.close()
    stats.corpus = len(corpus)
    return stats


def by_atheris(target: Any, seed: int, seconds: float, folder: Path) -> None:
    """Fuzz one target with libFuzzer until the time is over; then the process ends, its stats in `folder`."""
    import atheris

    stats, seen, end, rng = Stats(target.name, "atheris"), set[str](), time.monotonic() + seconds, _rng(seed)
    corpus = folder / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = [one[: target.limit] for one in target.seeds()] or [b""]
    _raised(target, seeds[0])
    for one in seeds:
        (corpus / hashlib.sha256(one).hexdigest()[:20]).write_bytes(one)
    words = folder / f"{target.name}.dict"
    escaped = ("".join(map("\\x{:02x}".format, token)) for token in TOKENS)
    words.write_text("".join(f'"{token}"\n' for token in escaped))

    def change(data: bytes, limit: int, number: int) -> bytes:
        if number % 4 if target.tree else number % 2:
            return mutate(_rng(number), data, seeds, min(limit, target.limit), tree=target.tree)
        return bytes(atheris.Mutate(data, limit))

    def once(data: bytes) -> None:
        # Instrumented code is slow: an uninstrumented process examines what looks wrong here.
        if _glance(target, data, rng.randrange(_SAMPLE), stats):
            found = folder / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}"
            found.write_bytes(data)
            told = subprocess.run(_again(target.name, found), capture_output=True, text=True, check=False)
            if told.returncode == 1 and told.stdout not in seen:
                seen.add(told.stdout)
                stats.findings.append(Finding(target.name, told.stdout.strip(), data))
            found.unlink()
        if time.monotonic() > end:
            stats.corpus = sum(1 for _ in corpus.iterdir())
            save(folder, stats)
            sys.stdout.flush()
            os._exit(0)  # libFuzzer ends a process no other way

    options = [f"-seed={seed % (1 << 32) or 1}", f"-max_len={target.limit}", f"-dict={words}", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], str(corpus), *options], once, custom_mutator=change)
    atheris.Fuzz()


def _again(name: str, file: Path) -> list[str]:
    return [sys.executable, "-m", "kiosk.testing.fuzz_command", "--target", name, "--reproduce", str(file)]


def save(folder: Path, stats: Stats) -> None:
    """Keep the inputs that were found, each with the line that repeats it, and the stats of a target."""
    folder.mkdir(parents=True, exist_ok=True)
    for found in stats.findings:
        file = folder / f"{found.target}-{hashlib.sha256(found.data).hexdigest()[:12]}.finding"
        file.write_bytes(found.data)
        line = f"scripts/fuzz --target {found.target} --reproduce {file}"
        file.with_suffix(".txt").write_text(f"{found.what}\n{line}\n")
    said = asdict(stats) | {"findings": [found.what for found in stats.findings]}
    (folder / f"{stats.target}.json").write_text(json.dumps(said))
