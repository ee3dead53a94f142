"""The pages for people: every relative link leads somewhere, and every command that they name is there."""

import re
from pathlib import Path

import pytest

from kiosk.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^ *|/|\| )kiosk ([a-z]+)(?: (key|pass|authority)(?![.\w]))?", re.MULTILINE)


def code_of(text: str) -> str:
    """Return what stands in code: blocks between fences, indented blocks, and words between back quotes."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*fenced, *re.findall(r"^ {4}.+", rest, re.MULTILINE), *re.findall(r"`([^`\n]+)`", rest)])


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in headings(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_there(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in sorted(set(COMMAND.findall(code_of(page.read_text())))):
        assert main([word for word in words if word] + ["--help"]) == 0, words
        assert "usage: kiosk" in capsys.readouterr().out


def test_the_readme_names_every_command_and_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text()
    main(["--help"])
    for command in re.findall(r"^  ([a-z]+) ", capsys.readouterr().out, re.MULTILINE):
        assert f"`kiosk {command}" in readme
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in readme


def test_a_dead_link_and_an_unknown_command_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md) `kiosk frobnicate`\n")
    with pytest.raises(AssertionError):
        test_every_relative_link_leads_somewhere(page)
    assert COMMAND.findall(code_of(page.read_text())) == [("frobnicate", "")]
    assert main(["frobnicate"]) == 2
