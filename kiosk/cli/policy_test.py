"""`kiosk policy test DIR`: run the tests that are published with rules and with the CertLogic specification."""

import argparse
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

from kiosk.adapters.rule_files import MAX_FILE, RULE_FILE, RuleFileError, files_below, read_json
from kiosk.app.rule_suites import Tally, is_suite, run_rule, run_suite
from kiosk.cli.output import DONE, NEGATIVE, USAGE, CommandError, print_json, print_table, printable, say_error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR",
        help="a rule's folder (rule.json, tests/), a suite of the CertLogic specification, or anything that holds them",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help='an object a line; the last is {"passed": N, "failed": M}')


def _name(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path != root else path.resolve().name


def _looks_like_json(path: Path) -> bool:
    """Tell by its first character whether a file may be a suite: other data may lie beside suites."""
    try:
        if path.stat().st_size > MAX_FILE:
            return False
        with path.open("rb") as file:
            return file.read(256).removeprefix(BOM_UTF8).lstrip()[:1] == b"{"
    except OSError:
        return False


def _rule(folder: Path, root: Path) -> Tally:
    tests = files_below(folder / "tests", "*.json")
    documents = ((_name(path, folder / "tests"), read_json(path)) for path in tests)
    return run_rule(_name(folder, root), read_json(folder / RULE_FILE), documents)


def tallies(root: Path) -> Iterator[Tally | RuleFileError]:
    """Run every rule folder and suite below `root`; yield the error for a file that had to be readable and is not."""
    folders = [path.parent for path in files_below(root, RULE_FILE)] if root.is_dir() else []
    for folder in folders:
        try:
            yield _rule(folder, root)
        except RuleFileError as error:
            yield error
    seen = set(folders)
    for path in files_below(root, "*.json") if root.is_dir() else [root]:
        if seen.isdisjoint(path.parents) and _looks_like_json(path):
            try:
                document = read_json(path)
            except RuleFileError as error:
                yield error
                continue
            if is_suite(document):
                yield run_suite(_name(path, root), document)


def _print(found: list[Tally]) -> None:
    rows = [(one.name, str(one.passed), str(len(one.failures)), str(one.skipped or "")) for one in found]
    print_table(("rule or suite", "passed", "failed", "skipped"), rows)
    for one in found:
        if one.warning:
            print(printable(f"{one.name}: the kiosk would not load this rule: {one.warning}", 400))
        for failure in one.failures:
            print(printable(f"{one.name}, {failure.test}: expected {failure.expected}, got {failure.got}", 400))


def _object(tally: Tally) -> dict[str, object]:
    failures = [{"test": one.test, "expected": one.expected, "got": one.got} for one in tally.failures]
    counts = {"passed": tally.passed, "failed": len(tally.failures), "skipped": tally.skipped}
    return {"suite": tally.name, **counts, "failures": failures, "warning": tally.warning}


def run(options: argparse.Namespace) -> int:
    """Run everything that is there; 1 where a test failed, 2 where a file cannot be read."""
    if not options.folder.exists():
        raise CommandError(f"{options.folder}: there is no such folder")
    found: list[Tally] = []
    unreadable = False
    try:
        for tally in tallies(options.folder):
            if isinstance(tally, RuleFileError):
                unreadable = True
                say_error(str(tally))
                continue
            found.append(tally)
            if options.json:
                print_json(_object(tally))
    except (RuleFileError, OSError) as error:
        raise CommandError(str(error)) from error
    if not found and not unreadable:
        raise CommandError(f"{options.folder}: there is no rule with tests and no suite in this folder")
    passed, failed = sum(one.passed for one in found), sum(len(one.failures) for one in found)
    if options.json:
        print_json({"passed": passed, "failed": failed})
    else:
        _print(found)
        print(f"{passed} passed, {failed} failed")
    if not unreadable and not any(one.passed or one.failures or one.skipped for one in found):
        say_error(f"{options.folder}: no rule in this folder has a test; put them into tests/ beside its rule.json")
        return USAGE
    if unreadable:
        return USAGE
    return NEGATIVE if failed else DONE
