"""Which languages there are: one for each file of sentences."""

from functools import cache
from importlib.resources import files


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that visitors can be served in, in alphabetical order."""
    folder = files("kiosk").joinpath("api", "sentences")
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))
