"""`kiosk bench books` asks every question of a small journal, and finds whom it wrote."""

import json

from kiosk.bench.books import measure
from kiosk.cli import main


def test_a_small_journal_is_asked_everything(tmp_path):
    figures = measure(tmp_path, 2, 240, exits=True, repeats=1)
    assert all(one.n == 1 and one.median > 0 for one in figures.asked_ms.values())
    assert {"dashboard", "look a name up", "trace one visit", "trace all of a person"} <= set(figures.asked_ms)
    assert figures.events > 2 * (240 + 220) * 4
    assert 0 < figures.contacts <= figures.contacts_of_all
    assert 0 <= figures.index_mb < figures.file_mb


def test_the_figures_are_printed_for_machines(capsys):
    assert main(["bench", "books", "--days", "1", "--people", "120", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["days"], said["visits"], said["exits"]) == (1, 120, False)


def test_sizes_that_make_no_sense_are_said_in_a_sentence(capsys):
    assert main(["bench", "books", "--people", "5"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
