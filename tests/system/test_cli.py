"""The command line, run as processes against a real supervisor."""

from __future__ import annotations

import csv
import io
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.parameters.hyperparameters import FIELDS
from tests.deadlines import patient, wait_until
from tests.system.command import (
    COMMAND,
    SMALL,
    environment,
    json_of,
    make,
    mnist_tui,
    output_of,
    running,
    store,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

ROW_TYPES: dict[str, tuple[type, ...]] = {
    "id": (int,),
    "name": (str,),
    "state": (str,),
    "cause": (str, type(None)),
    "model": (str,),
    "dataset": (str,),
    "epoch": (float,),
    "epochs": (int,),
    "step": (int,),
    "steps": (int,),
    "progress": (float,),
    "train_loss": (float,),
    "train_accuracy": (float,),
    "val_loss": (float,),
    "val_accuracy": (float,),
    "test_loss": (float,),
    "test_accuracy": (float,),
    "ece": (float,),
    "outlier_auroc": (type(None),),
    "images_per_s": (float, type(None)),
    "eta_s": (float, type(None)),
    "device": (str,),
    "tags": (list,),
    "note": (str,),
    "pinned": (bool,),
    "created_at": (str,),
}


def test_a_new_session_prints_its_id_alone_and_wait_ends_when_it_has_finished(
    shared: Workspace,
) -> None:
    made = mnist_tui(
        shared.home, "--data-dir", shared.data_dir, "new", *SMALL, "--name", "first", "--wait"
    )
    assert (made.returncode, made.stderr) == (0, "")
    session_id = int(made.stdout)
    assert made.stdout == f"{session_id}\n"
    rows = json_of(shared.home, "ls")
    assert [(row["id"], row["name"], row["state"]) for row in rows] == [
        (session_id, "first", "finished")
    ]
    assert {key: type(value) in ROW_TYPES[key] for key, value in rows[0].items()} == dict.fromkeys(
        ROW_TYPES, True
    )
    assert 0.0 <= rows[0]["test_accuracy"] <= 1.0
    assert rows[0]["progress"] == 1.0


def test_waiting_on_a_terminal_shows_one_line_that_is_written_over(shared: Workspace) -> None:
    words = ("--data-dir", str(shared.data_dir), "new", *map(str, SMALL), "--epochs", "3", "--wait")
    shown = _on_terminal(shared, *words)
    assert "epoch" in shown
    assert set(shown.replace("\r\033[K", "\r").splitlines()[0]) <= set("0123456789")
    assert "\n" not in shown.partition("\n")[2], "everything after the ID stays on one line"
    assert shown.endswith("\r\033[K"), "the line is taken away at the end"


def test_show_tells_parameters_checkpoints_history_and_exactness(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--wait", "--set", "seed=5", "--note", "a remark")
    details: dict[str, Any] = json_of(shared.home, "show", session_id)
    assert ROW_TYPES.keys() < details.keys()
    assert set(details["parameters"]) == set(FIELDS)
    assert details["parameters"]["seed"] == 5
    assert details["num_parameters"] == 44_426
    assert details["checkpoints"][-1]["reason"] == "final"
    assert [row["command"] for row in details["history"] if row["command"]] == ["new"]
    assert (details["exact_resume"], details["exact_resume_reason"]) == (True, None)
    page = output_of(shared.home, "show", f"#{session_id}")
    assert "a remark" in page
    assert "learning_rate" in page


def test_show_tells_the_network_layer_by_layer_where_that_is_asked(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--hold")
    layers = json_of(shared.home, "show", session_id, "--layers")["layers"]
    assert sum(layer["num_parameters"] for layer in layers) == 44_426
    lines = output_of(shared.home, "show", session_id, "--layers").splitlines()
    begin = lines.index("Network")
    assert lines[begin + 2].split() == ["conv1", "Conv2d", "6×24×24", "156"]
    assert lines[begin + 1 + len(layers)].split() == ["dense3", "Linear", "10", "850"]
    assert "Network" not in output_of(shared.home, "show", session_id)


def test_metrics_say_the_same_as_json_csv_and_table(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--log-every", 2, "--wait")
    rows = json_of(shared.home, "metrics", session_id)
    keys = ["step", "epoch", "split", "loss", "accuracy", "mse", "learning_rate", "time"]
    assert list(rows[0]) == keys
    assert {row["split"] for row in rows} == {"train", "val", "test"}
    lines = list(
        csv.DictReader(io.StringIO(output_of(shared.home, "metrics", session_id, "--csv")))
    )
    assert [float(line["loss"]) for line in lines] == [row["loss"] for row in rows]
    assert len(output_of(shared.home, "metrics", session_id).splitlines()) == len(rows) + 1


def test_logs_show_what_the_worker_wrote_and_follow_until_the_end(shared: Workspace) -> None:
    session_id = running(shared)
    output_of(shared.home, "pause", session_id)
    shared.reach(session_id, S.PAUSED)  # so that the worker itself writes nothing meanwhile
    log = shared.home.session(session_id) / "worker.log"
    with log.open("a") as file:
        file.write("first\nred \033[31m and a bell \a\n")
    assert output_of(shared.home, "logs", session_id, "-n", 1) == "red �[31m and a bell �\n"
    following = subprocess.Popen(
        [*COMMAND, "logs", "-f", "-n", "1", str(session_id)],
        env=environment(MNIST_TUI_HOME=shared.home.path),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    assert following.stdout.readline().startswith("red")
    with log.open("a") as file:
        file.write("later\n")
    assert following.stdout.readline() == "later\n"
    output_of(shared.home, "kill", session_id)
    assert following.wait(timeout=patient(20)) == 0
    following.stdout.close()


def test_a_dry_run_tells_the_parameters_and_makes_nothing(shared: Workspace) -> None:
    words = ("--data-dir", shared.data_dir, "new", "--filters", 8, "--dry-run")
    parameters = json_of(shared.home, *words)
    assert parameters["filters"] == [8, 16]
    assert "filters           8-16" in output_of(shared.home, *words)
    assert json_of(shared.home, "ls") == []


def test_settings_are_followed_and_options_come_first(shared: Workspace, tmp_path: Path) -> None:
    settings = tmp_path / "mnist-tui" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text(f'device = "cpu"\ndata_dir = "{shared.data_dir}"\n')
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    dry_run = ("new", "--dry-run")
    assert json_of(shared.home, *dry_run, env=env)["device"] == "cpu"
    assert json_of(shared.home, "--device", "auto", *dry_run, env=env)["device"] == "auto"
    assert json_of(shared.home, *dry_run, "--device", "auto", env=env)["device"] == "auto"


def test_the_supervisor_starts_answers_restarts_and_stops(workspace: Workspace) -> None:
    assert json_of(workspace.home, "supervisor", "status")["running"] is False
    started = json_of(workspace.home, "--slots", 3, "supervisor", "start")
    assert (started["running"], started["slots"]) == (True, 3)
    assert started["home"] == str(workspace.home.path)
    other = mnist_tui(workspace.home, "--slots", 2, "supervisor", "start")
    assert "keeps its 3 slots" in other.stderr
    again = json_of(workspace.home, "--slots", 2, "supervisor", "restart")
    assert again["pid"] != started["pid"]
    assert again["slots"] == 2
    stopped = mnist_tui(workspace.home, "supervisor", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "")
    status = json_of(workspace.home, "supervisor", "status")
    assert {key: status[key] for key in ("running", "pid", "workers")} == {
        "running": False,
        "pid": None,
        "workers": 0,
    }
    wait_until(lambda: not workspace.processes(), "every process of the home has gone")


def test_reading_commands_start_no_supervisor(workspace: Workspace) -> None:
    store(workspace.home, "stored")
    for words in (("ls",), ("show", 1), ("metrics", 1), ("logs", 1), ("supervisor", "status")):
        assert mnist_tui(workspace.home, *words).returncode == 0
    assert json_of(workspace.home, "ls")[0]["name"] == "stored"
    assert workspace.processes() == []
    assert not workspace.home.supervisor_lock.exists() or not workspace.home.socket.exists()


def test_ls_says_where_it_looked_and_filters_by_name_and_state(workspace: Workspace) -> None:
    empty = mnist_tui(workspace.home, "ls")
    assert (empty.returncode, empty.stdout) == (0, "")
    assert str(workspace.home.path) in empty.stderr
    store(workspace.home, "Wide kernels", "narrow")
    store(workspace.home, "wider", state=S.STOPPED)
    assert [row["name"] for row in json_of(workspace.home, "ls", "wide")] == [
        "Wide kernels",
        "wider",
    ]
    assert [row["id"] for row in json_of(workspace.home, "ls", "state:stopped")] == [3]
    assert json_of(workspace.home, "ls", "nothing like it") == []


def test_stored_text_cannot_steer_the_terminal(workspace: Workspace) -> None:
    store(workspace.home, "evil\033]0;title\a\u202e\x9b31m")
    for words in (("ls",), ("show", 1), ("ls", "--json"), ("resume", 1)):
        done = mnist_tui(workspace.home, *words)
        assert "evil" in done.stdout + done.stderr or words == ("resume", 1)
        assert not set("\033\a\u202e\x9b") & set(done.stdout + done.stderr)
    assert json_of(workspace.home, "ls")[0]["name"] == "evil\033]0;title\a\u202e\x9b31m"


def test_a_reader_that_leaves_early_is_no_error(workspace: Workspace) -> None:
    store(workspace.home, "talkative")
    (workspace.home.session(1) / "worker.log").write_text("a line\n" * 100_000)
    printing = subprocess.Popen(
        [*COMMAND, "logs", "-n", "100000", "1"],
        env=environment(MNIST_TUI_HOME=workspace.home.path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert printing.stdout is not None
    assert printing.stderr is not None
    printing.stdout.read(10)
    printing.stdout.close()
    assert printing.stderr.read() == b""
    printing.stderr.close()
    assert printing.wait(timeout=patient(20)) == 1


@pytest.mark.parametrize("term", ["dumb", ""])
def test_without_a_screen_an_empty_home_tells_how_to_begin_and_to_watch(
    workspace: Workspace, term: str
) -> None:
    done = mnist_tui(workspace.home, env={"TERM": term})
    assert (done.returncode, done.stdout) == (0, "")
    assert "`mnist-tui new --help`" in done.stderr
    assert "`mnist-tui watch ID`" in done.stderr


def test_colours_only_reach_a_terminal_that_wants_them(workspace: Workspace) -> None:
    store(workspace.home, "one")
    escape = "\033["
    assert escape not in output_of(workspace.home, "ls")
    assert escape in _on_terminal(workspace, "ls")
    assert escape not in _on_terminal(workspace, "ls", NO_COLOR="1")
    assert escape not in _on_terminal(workspace, "ls", TERM="dumb")


def test_characters_a_stream_does_not_know_are_replaced(workspace: Workspace) -> None:
    store(workspace.home, "größe")
    done = mnist_tui(workspace.home, "ls", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "finished" in done.stdout


def test_ls_keeps_to_the_width_of_the_terminal(workspace: Workspace) -> None:
    store(workspace.home, "a name of sixty-four characters, which is as long as names can be")
    lines = _on_terminal(workspace, "ls", NO_COLOR="1").splitlines()
    assert max(map(len, lines)) <= 80


def test_the_version_and_the_help_of_every_command_are_told(workspace: Workspace) -> None:
    assert output_of(workspace.home, "--version").startswith("mnist-tui")
    listing = output_of(workspace.home, "--help")
    for command in ("new", "ls", "show", "wait", "demo", "supervisor"):
        assert f"  {command} " in listing
    options = output_of(workspace.home, "new", "--help")
    for name in FIELDS:
        assert f"--{name.replace('_', '-')} " in options


def _on_terminal(workspace: Workspace, *words: str, **changes: str) -> str:
    import pexpect

    env = environment(MNIST_TUI_HOME=workspace.home.path, TERM="xterm-256color") | changes
    text, code = pexpect.run(
        " ".join([*COMMAND, *words]),
        env=env,
        withexitstatus=True,
        encoding="utf-8",
        timeout=patient(20),
    )
    assert code == 0, text
    return str(text)
