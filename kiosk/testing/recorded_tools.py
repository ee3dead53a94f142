"""Stand-ins for the system's programs: real executables that answer from a script and note what they were asked."""

import json
import sys
from pathlib import Path

_PROGRAM = f"""#!{sys.executable} -IS
import json, os, sys
here, name = os.path.dirname(os.path.abspath(__file__)), os.path.basename(__file__)
asked = sys.argv[1:]
with open(os.path.join(here, "asked.jsonl"), "a") as file:
    file.write(json.dumps([name, *asked]) + "\\n")
with open(os.path.join(here, name + ".json")) as file:
    script = json.load(file)
for words, text, status in reversed(script):
    if all(word in asked for word in words):
        sys.stdout.write(text)
        sys.exit(status)
sys.exit(0)
"""


class RecordedTools:
    """A folder of programs. What has no answer says nothing, and succeeds."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._scripts: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
        for name in names:
            (folder / name).write_text(_PROGRAM)
            (folder / name).chmod(0o755)
            self.says(name)

    def says(self, name: str, *words: str, text: str = "", status: int = 0) -> None:
        """Let a program answer with `text` and `status` where its arguments hold all `words`; the latest wins."""
        script = self._scripts.setdefault(name, [])
        script.append((words, text, status))
        (self.folder / f"{name}.json").write_text(json.dumps(script))

    @property
    def asked(self) -> list[list[str]]:
        """Every call so far: the program's name and its arguments."""
        path = self.folder / "asked.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def calls(self, *words: str) -> list[list[str]]:
        """Those that hold all these words."""
        return [call for call in self.asked if all(word in call for word in words)]
