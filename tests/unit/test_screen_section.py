import pytest
from pydantic import ValidationError

from kiosk.screen_section import ScreenSection


def test_any_language_that_has_a_file_can_be_offered_in_any_order():
    section = ScreenSection(language="fr", languages=("fr", "vi", "en"))
    assert (section.language, section.languages) == ("fr", ("fr", "vi", "en"))


@pytest.mark.parametrize(
    "wrong",
    [{"language": "xx"}, {"languages": ("vi", "xx")}, {"languages": ("vi", "vi")}, {"languages": ()},
     {"language": "fr"}, {"language": "../en", "languages": ("../en",)}],
)  # fmt: skip
def test_what_nobody_could_read_is_no_language(wrong):
    with pytest.raises(ValidationError):
        ScreenSection(**wrong)
