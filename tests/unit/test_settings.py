from pathlib import Path

import pytest
from yiku.settings import SettingsError, load_settings


def test_without_an_environment_everything_has_a_default():
    settings = load_settings({})
    assert settings.home == settings.project_root / ".yiku"
    assert settings.warehouse_dsn is None
    assert settings.workers >= 1
    assert Path(settings.archive) == settings.home / "archive"


def test_an_empty_variable_counts_as_not_set():
    assert (
        load_settings(
            {"YIKU_WAREHOUSE_DSN": "", "YIKU_WORKERS": ""}
        ).warehouse_dsn
        is None
    )


def test_a_bad_number_names_the_variable_and_not_its_value():
    with pytest.raises(SettingsError, match="YIKU_WORKERS") as caught:
        load_settings({"YIKU_WORKERS": "many"})
    assert "many" not in str(caught.value)


def test_secrets_do_not_show_when_settings_are_printed():
    shown = repr(
        load_settings(
            {
                "YIKU_WAREHOUSE_DSN": "postgresql://a:hush@h/d",
                "YIKU_SMTP_PASSWORD": "hush",
            }
        )
    )
    assert "hush" not in shown


def test_places_in_configuration_files_are_filled_from_own_variables_only():
    settings = load_settings({"YIKU_MAIL": "smtp://mail:25", "PATH": "/bin"})
    assert settings.expand("${YIKU_MAIL}/x") == "smtp://mail:25/x"
    with pytest.raises(SettingsError, match="PATH"):
        settings.expand("${PATH}")


def test_own_recipients_win_over_the_shipped_ones(tmp_path):
    assert (
        load_settings({"YIKU_HOME": str(tmp_path)}).recipients.parent
        != tmp_path
    )
    (tmp_path / "recipients.yml").touch()
    assert (
        load_settings({"YIKU_HOME": str(tmp_path)}).recipients
        == tmp_path / "recipients.yml"
    )
