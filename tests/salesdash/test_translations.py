"""The catalogs follow the sources, and the check names what is missing."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.core.management import CommandError, call_command

from salesdash import translations
from salesdash.translations import Home


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An app that says a few things, with a catalog of its own."""
    home = Home("shop", (tmp_path / "shop",), tmp_path / "shop" / "locale")
    monkeypatch.setattr(translations, "PROJECT", tmp_path)
    monkeypatch.setattr(translations, "homes", lambda: [home])
    (tmp_path / "shop" / "templates").mkdir(parents=True)
    (tmp_path / "shop" / "models.py").write_text(
        'name = _("Win rate")\nmonth = pgettext_lazy("unit", "month")\n'
        'many = ngettext("%(n)d deal", "%(n)d deals", n)\n'
    )
    (tmp_path / "shop" / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "Home" %}'
        "{% blocktranslate trimmed with n=name %}\n  Hello {{ n }}\n{% endblocktranslate %}"
    )
    return home


def translate(home: Home, english: str, korean: str) -> None:
    text = home.po.read_text()
    assert f'"{english}"\n' in text
    home.po.write_text(text.replace(f'"{english}"\nmsgstr ""', f'"{english}"\nmsgstr "{korean}"'))


def test_update_finds_what_code_and_templates_say(shop: Home) -> None:
    translations.update()
    found = {key for key, _message in translations._by_key(shop.kept()).items()}
    assert found == {
        ("", "Win rate"),
        ("unit", "month"),
        ("", "%(n)d deal"),
        ("", "Home"),
        ("", "Hello %(n)s"),
    }


def test_update_keeps_translations_and_drops_what_is_no_longer_said(shop: Home) -> None:
    translations.update()
    translate(shop, "Win rate", "승률")
    before = shop.po.read_bytes()
    translations.update()
    assert shop.po.read_bytes() == before
    (shop.sources[0] / "models.py").write_text('name = _("Win rate")\n')
    translations.update()
    kept = translations._by_key(shop.kept())
    assert kept["", "Win rate"].string == "승률"
    assert ("unit", "month") not in kept


def test_check_names_what_is_missing_wrong_or_no_longer_said(shop: Home) -> None:
    translations.update()
    for english in ("Win rate", "month"):
        translate(shop, english, "번역")
    translate(shop, "Hello %(n)s", "안녕하세요 %(name)s")
    (shop.sources[0] / "models.py").write_text('name = _("Win rate")\nnew = _("New")\n')
    with pytest.raises(CommandError) as error:
        call_command("messages", check=True)
    complaints = str(error.value).splitlines()
    assert "shop: missing: 'New'" in complaints
    assert "shop: not translated: 'Home'" in complaints
    assert "shop: no longer said: 'month'" in complaints
    assert "shop: other placeholders: 'Hello %(n)s'" in complaints
    assert not any("Win rate" in line for line in complaints)


def test_compile_writes_what_django_reads(shop: Home) -> None:
    translations.update()
    translate(shop, "Win rate", "승률")
    assert translations.compile_all() == 1
    with shop.po.with_suffix(".mo").open("rb") as file:
        assert [message.string for message in read_mo(file) if message.id == "Win rate"] == ["승률"]
    assert translations.compile_all() == 0
