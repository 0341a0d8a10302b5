"""The command line: help, exit statuses, one sentence in place of a traceback."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import socket
import subprocess
import sys

import psycopg
import pytest
import yiku
from psycopg.conninfo import make_conninfo
from yiku import airflow_home, cli, faults
from yiku.airflow_glue import NightResult
from yiku.settings import SettingsError, load_settings
from yiku.warehouse import embedded

COMMANDS = {
    "nightly",
    "check",
    "template",
    "demo-inbox",
    "trace",
    "undo",
    "init",
    "up",
    "down",
    "status",
    "dsn",
}
COMMANDS |= {"backup", "restore", "rebuild", "new-list", "docs", "sources"}
COMMANDS |= {"tidy", "boards", "paper", "bulletin", "wall", "superset"}
SLOW = (
    "pandas",
    "airflow",
    "great_expectations",
    "dbt",
    "psycopg",
    "openpyxl",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("YIKU_HOME", str(tmp_path))
    monkeypatch.delenv("YIKU_WAREHOUSE_DSN", raising=False)
    monkeypatch.delenv("YIKU_DEBUG", raising=False)
    return tmp_path


def run(*arguments: str) -> int:
    try:
        cli.main(list(arguments))
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_every_command_is_there():
    assert set(cli.cli.commands) == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name, capsys):
    assert run(name, "--help") == 0
    assert name in capsys.readouterr().out


def test_the_version_says_what_runs(capsys):
    assert run("--version") == 0
    assert re.fullmatch(
        rf"yiku {yiku.__version__} [0-9a-f]{{16}}\n",
        capsys.readouterr().out,
    )


def test_help_imports_nothing_slow():
    script = "import sys\nfrom yiku.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
    script += f"print([m for m in {SLOW!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("nightly",),
        ("nightly", "--inbox", "/nowhere/at/all", "--date", "2017-11-20"),
        ("nightly", "--inbox", ".", "--date", "yesterday"),
        ("check",),
        ("check", "/nowhere/x.xlsx"),
        ("template", "NO_SUCH_LIST"),
        ("template", "L1", "--town", "5108"),
        ("dsn", "--role", "nobody"),
        ("undo", "not-a-number"),
        ("demo-inbox", "x", "--scale", "0"),
        ("init",),
    ],
)
def test_wrong_usage_is_two_and_one_sentence(home, arguments, capsys):
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert err
    assert "Traceback" not in err


def run_without(
    module: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the command where one module is not installed."""
    script = f"import sys\nsys.modules[{module!r}] = None\nfrom yiku.cli import main\nmain({list(arguments)!r})"
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["yiku.demo", "xlwt", "ezodf"])
def test_without_the_demo_the_command_says_what_to_install(
    home, tmp_path, module
):
    done = run_without(module, "demo-inbox", str(tmp_path / "inbox"))
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert module in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "inbox").exists()


def test_a_broken_demo_is_a_fault_of_ours_and_no_missing_part(home, tmp_path):
    done = run_without(
        "yiku.demo.world", "demo-inbox", str(tmp_path / "inbox")
    )
    assert done.returncode == 1
    assert "make setup" not in done.stderr


def test_without_the_demo_every_other_command_works(home, tmp_path):
    done = run_without(
        "yiku.demo", "template", "L1", "--out", str(tmp_path / "blank.xlsx")
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "blank.xlsx").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("nightly", "--inbox", ".", "--date", "2017-11-20"),
        ("up",),
        ("rebuild",),
    ],
)
@pytest.mark.parametrize(
    "archive",
    [
        "sftp://u:s3cret@h/kept",
        "simplecache::SSH://u@h/kept",
        "https://h/kept",
    ],
)
def test_an_archive_that_no_night_could_keep_is_wrong_usage_before_anything_starts(
    home, command, archive, monkeypatch, capsys
):
    monkeypatch.setenv("YIKU_ARCHIVE", archive)
    assert run(*command) == 2
    err = capsys.readouterr().err
    assert "归档不能放在" in err
    assert "s3cret" not in err
    assert not (home / "postgres").exists()


@pytest.mark.parametrize("code", ["T02b", "T02B", "t06h", "l1"])
def test_a_template_is_asked_for_in_any_letters(home, tmp_path, code):
    assert run("template", code, "--out", str(tmp_path / "blank.xlsx")) == 0
    assert (tmp_path / "blank.xlsx").read_bytes()[:2] == b"PK"


def test_a_night_says_its_counts_and_seconds_by_step_to_a_program(
    home, monkeypatch, capfd
):
    def night(settings, inbox, day, screen, publish_old):
        for batch, seconds in (("1/2", 1.25), ("2/2", 2.5)):
            screen.begin("process_batch", batch)
            screen.end("process_batch", batch, seconds, {"files": 3})
        return NightResult("r1", True, (), {"rows_read": 7}, 5, 4.04)

    monkeypatch.setattr(cli.night_command, "_run_night", night)
    assert (
        run("nightly", "--inbox", ".", "--date", "2017-11-20", "--json") == 0
    )
    said = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert said == {
        "run_id": "r1",
        "seconds_total": 4.0,
        "seconds": {"process_batch": 3.75},
        "rows_read": 7,
    }


def test_what_fails_is_one_and_one_sentence_without_values(
    home, monkeypatch, capsys
):
    def fail(*_: object) -> None:
        raise psycopg.errors.UniqueViolation(
            "Key (id_no)=(secret) already exists"
        )

    monkeypatch.setattr(cli.server_commands, "_print_status", fail)
    assert run("status") == 1
    err = capsys.readouterr().err
    assert "UniqueViolation" in err
    assert "secret" not in err
    assert len(err.splitlines()) == 1


def test_a_sentence_of_ours_is_shown_as_it_is(home, monkeypatch, capsys):
    monkeypatch.setenv("YIKU_WORKERS", "many")
    assert run("status") == 1
    assert capsys.readouterr().err.strip() == "YIKU_WORKERS 应为正整数。"


def test_debug_shows_the_traceback(home, monkeypatch):
    monkeypatch.setenv("YIKU_DEBUG", "1")

    def fail(*_: object) -> None:
        raise ValueError("what really happened")

    monkeypatch.setattr(cli.server_commands, "_print_status", fail)
    with pytest.raises(ValueError, match="what really happened"):
        cli.main(["status"])


def test_status_of_nothing(home, capsys):
    assert run("status", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts == {
        "postgres": False,
        "airflow": {},
        "web": None,
        "user": None,
        "password": None,
    }


def test_down_when_nothing_runs(home):
    assert run("down") == 0


def named(name: str, *bases: type) -> Exception:
    """Return a fault of a class of that name: the libraries that raise it need not be installed."""
    return type(name, bases or (Exception,), {})()


PASSING = [
    *(
        psycopg.OperationalError(),
        psycopg.errors.AdminShutdown(),
        psycopg.errors.CannotConnectNow(),
    ),
    *(
        psycopg.errors.TooManyConnections(),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.LockNotAvailable(),
    ),
    *(
        TimeoutError(),
        ConnectionResetError(),
        EOFError(),
        socket.gaierror(-3, "try again"),
    ),
    *(
        OSError(errno.EHOSTUNREACH, "no route"),
        OSError(errno.ENETUNREACH, "no network"),
    ),
    *(
        named("ChannelDownError"),
        named("SSHException"),
        named("NoValidConnectionsError", OSError),
    ),
    named("EndpointConnectionError"),
]
LASTING = [
    *(
        psycopg.errors.InvalidPassword(),
        psycopg.errors.InvalidCatalogName(),
        psycopg.errors.UniqueViolation(),
    ),
    *(
        KeyError(),
        FileNotFoundError(errno.ENOENT, "gone"),
        PermissionError(errno.EACCES, "closed"),
    ),
    *(
        OSError(errno.ENOSPC, "full"),
        named(
            "AuthenticationException", type("SSHException", (Exception,), {})
        ),
    ),
    *(
        named("BadHostKeyException", type("SSHException", (Exception,), {})),
        named("ChannelRefusedError"),
    ),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda f: type(f).__name__)
def test_a_network_that_fails_is_tried_again(fault):
    assert faults.can_pass(fault)


@pytest.mark.parametrize("fault", LASTING, ids=lambda f: type(f).__name__)
def test_what_refuses_us_is_not_tried_again(fault):
    assert not faults.can_pass(fault)


def test_a_server_that_is_away_may_come_back():
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("host=127.0.0.1 port=1 user=a password=b")
    assert faults.can_pass(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"dbname": "nowhere"}, {"user": "stranger"}],
)
def test_a_login_that_is_refused_stays_refused(server, wrong):
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(make_conninfo(embedded.dsn(server), **wrong))
    assert not faults.can_pass(caught.value)


def test_a_guarded_step_names_the_place_but_not_the_value(home):
    with (
        pytest.raises(faults.StepError, match="ValueError") as caught,
        faults.guarded(),
    ):
        raise ValueError("secret")
    assert "secret" not in str(caught.value)
    assert "test_cli.py" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_step_that_may_succeed_later_says_so(home):
    with pytest.raises(faults.PassingError), faults.guarded():
        raise psycopg.OperationalError("the server went away")


def test_secrets_are_made_once_and_for_us_alone(tmp_path):
    settings = load_settings({"YIKU_HOME": str(tmp_path)})
    airflow_home.prepare(settings)
    first, second = (
        airflow_home.environment(settings),
        airflow_home.environment(settings),
    )
    assert first == second
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) > 40
    assert (settings.airflow / "secrets.json").stat().st_mode & 0o077 == 0


def test_the_port_stands_in_all_places(tmp_path):
    env = airflow_home.environment(
        load_settings({"YIKU_HOME": str(tmp_path)}), port=18080
    )
    assert env["AIRFLOW__API__PORT"] == "18080"
    assert ":18080" in env["AIRFLOW__API__BASE_URL"]
    assert ":18080" in env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_cannot_be_is_refused(tmp_path, port):
    with pytest.raises(SettingsError):
        airflow_home.choose_port(
            load_settings(
                {"YIKU_HOME": str(tmp_path), "YIKU_AIRFLOW_PORT": port}
            )
        )


def test_a_process_number_given_out_again_is_not_ours(tmp_path):
    settings = load_settings({"YIKU_HOME": str(tmp_path)})
    airflow_home.prepare(settings)
    state = {
        "port": 8080,
        "components": {"scheduler": {"pid": 1, "born": 5.0}},
    }
    (settings.run / "airflow.json").write_text(json.dumps(state), "utf-8")
    assert [c.alive for c in airflow_home.components(settings)] == [False]
    assert airflow_home.stop(settings) == 0


def test_a_path_that_cannot_be_written_is_named(home, tmp_path, capsys):
    target = tmp_path / "nowhere" / "L1.xlsx"
    assert run("template", "L1", "--out", str(target)) == 1
    err = capsys.readouterr().err
    assert str(target) in err
    assert len(err.splitlines()) == 1


def test_a_database_that_cannot_be_reached_is_said_without_the_password(
    home, monkeypatch, capsys
):
    monkeypatch.setenv(
        "YIKU_WAREHOUSE_DSN", "postgresql://yiku:secret@127.0.0.1:1/yiku"
    )
    assert run("init", "--dry-run") == 1
    err = capsys.readouterr().err
    assert "YIKU_WAREHOUSE_DSN" in err
    assert "secret" not in err


def test_a_file_without_sheet_names_is_spoken_of_as_this_table(
    home, tmp_path, capsys
):
    lonely = tmp_path / "未知.csv"
    lonely.write_text("hello\n", "utf-8")
    assert run("check", str(lonely)) == 1
    out = capsys.readouterr().out
    assert "“”" not in out
    assert "本表无法判断是哪张表" in out


def test_a_folder_is_checked_under_a_bar_that_only_a_terminal_shows(
    home, tmp_path
):
    folder = tmp_path / "收件" / "大石镇"
    folder.mkdir(parents=True)
    for name in ("甲.csv", "乙.csv", "~$甲.xlsx", ".DS_Store"):
        (folder / name).write_text("hello\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "yiku.cli",
        "check",
        str(tmp_path / "收件"),
    ]
    ours, theirs = pty.openpty()
    terminal = {
        **os.environ,
        "TERM": "xterm",
    }  # a build has none, or a dumb one
    shown = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=False,
        env=terminal,
    )
    plain = subprocess.run(
        command, capture_output=True, text=True, check=False
    )
    os.close(theirs)
    told = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "核对" in told
    assert "2/2" in told or "100%" in told
    assert (shown.returncode, plain.returncode, plain.stderr) == (1, 1, "")
    assert shown.stdout == plain.stdout
    assert [
        line.split(".csv")[0]
        for line in plain.stdout.splitlines()
        if ".csv" in line
    ] == ["乙", "甲"]


def test_sources_are_tried_one_by_one(home, capsys):
    assert run("sources", "check") == 2
    assert "sources.yml" in capsys.readouterr().err
    file = home / "sources.yml"
    file.write_text(
        "sources: [{name: 共享盘, kind: smb, location: x}]", "utf-8"
    )
    assert run("sources", "check") == 2
    assert "kind 应为" in capsys.readouterr().err
    (home / "in").mkdir()
    file.write_text(
        "sources:\n"
        "  - {name: 共享盘, kind: folder, location: in}\n"
        "  - {name: 没有, kind: folder, location: nowhere, answers: none}\n",
        "utf-8",
    )
    assert run("sources", "check") == 1
    told = capsys.readouterr().out
    assert "共享盘（folder）：可以打开，0 个文件，答复送到 共享盘。" in told
    assert "没有（folder）：打不开。来源不存在" in told
    assert run("sources", "check", "--json") == 1
    states = [
        one["state"] for one in json.loads(capsys.readouterr().out)["sources"]
    ]
    assert states == ["reached", "refused"]


def test_a_file_of_sources_that_is_named_and_missing_is_wrong_usage(
    home, capsys, monkeypatch
):
    monkeypatch.setenv("YIKU_SOURCES", str(home / "nowhere.yml"))
    for command in (
        ["sources", "check"],
        ["nightly", "--date", "2017-11-20"],
        ["nightly", "--date", "2017-11-20", "--inbox", str(home)],
        ["up"],
    ):
        assert run(*command) == 2
        assert "YIKU_SOURCES" in capsys.readouterr().err


def test_a_night_without_an_inbox_needs_a_usable_file_of_sources(home, capsys):
    assert run("nightly", "--date", "2017-11-20") == 2
    assert "--inbox" in capsys.readouterr().err


def test_a_file_of_parameters_that_cannot_be_used_is_wrong_usage(home, capsys):
    file = home / "parameters.yml"
    file.write_text("parameters:\n  - {name: answer_day}\n", "utf-8")
    command = ["nightly", "--date", "2017-11-20", "--inbox", str(home)]
    assert run(*command) == 2
    assert "第1项的 name 应为" in capsys.readouterr().err
