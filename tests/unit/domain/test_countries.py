import pytest

from kiosk.domain import countries


@pytest.mark.parametrize(
    ("code", "two"),
    [
        ("AUS", "AU"), ("VNM", "VN"), ("DEU", "DE"), ("D", "DE"), ("D<<", "DE"), ("GBR", "GB"), ("aus", "AU"),
        ("EUE", "EU"), ("UNO", "UN"), ("UNA", "UN"), ("RKS", "XK"), ("KS", "XK"), ("VN", "VN"), ("vn", "VN"),
        ("", ""), ("<<<", ""), ("ZZZ", ""), ("ZZ", ""), ("AUSTRALIA", ""), ("AU ", ""), ("UTO", ""),
    ],
)  # fmt: skip
def test_two_letters(code, two):
    assert countries.two_letters(code) == two


def test_every_country_has_codes_of_its_own():
    table = {code[:3]: code[3:] for code in countries._ISO_3166_1.split()}
    assert len(table) == len(set(table.values())) == 249
    assert all(len(three) == 3 and len(two) == 2 for three, two in table.items())
