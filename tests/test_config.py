"""Settings: the defaults, and what the environment lays over them."""

from __future__ import annotations

import logging
from dataclasses import FrozenInstanceError

import pytest

from search.config import Settings, load_settings
from search.errors import UserError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({}) == Settings()


def test_the_default_zone_is_that_of_almaty() -> None:
    assert Settings().zone.key == "Asia/Almaty"


def test_every_setting_is_read_from_its_variable() -> None:
    settings = load_settings(
        {
            "ARKHIV_INDEX": "whoosh:elsewhere",
            "ARKHIV_TIMEZONE": "Europe/Moscow",
            "ARKHIV_SITE_NAME": "Вестник",
            "ARKHIV_IMAGE_HOSTS": "a.example, b.example ,,",
            "ARKHIV_MAX_TEXT": "5000",
            "ARKHIV_RECENCY": "0",
            "PATH": "/usr/bin",
        }
    )
    assert settings.index == "whoosh:elsewhere"
    assert settings.zone.key == "Europe/Moscow"
    assert settings.site_name == "Вестник"
    assert settings.image_hosts == ("a.example", "b.example")
    assert settings.max_text == 5000
    assert settings.recency == 0


@pytest.mark.parametrize("text", ["", "-1", "1.5", "много", "١٢", " 5"])
def test_a_number_that_is_none_is_named_with_its_variable(text: str) -> None:
    with pytest.raises(UserError) as error:
        load_settings({"ARKHIV_MAX_TEXT": text})
    assert error.value.parameter == "ARKHIV_MAX_TEXT"


@pytest.mark.parametrize("zone", ["", "Алматы", "Asia/Nowhere", "../etc/passwd", "/etc/localtime", "Asia", "a\x00b"])
def test_a_zone_that_is_none_is_named_with_its_variable(zone: str) -> None:
    with pytest.raises(UserError) as error:
        load_settings({"ARKHIV_TIMEZONE": zone})
    assert error.value.parameter == "ARKHIV_TIMEZONE"


def test_an_unknown_variable_is_warned_about_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        assert load_settings({"ARKHIV_INDEKS": "whoosh:x", "ARKHIV_TEST_CLUSTER": "1"}) == Settings()
    assert "ARKHIV_INDEKS" in caplog.text
    assert "ARKHIV_TEST_CLUSTER" not in caplog.text


def test_the_constants_of_ranking_are_no_variable(caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings({"ARKHIV_RANKING": "1"}) == Settings()
    assert "ARKHIV_RANKING" in caplog.text


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().index = "другой"  # type: ignore[misc]
