"""Names, tags, notes and pins: changed in any state, kept for good, told to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.history import CommandHistory, read_history
from mnist_tui.storage.records import SessionRecord
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Client, Refused, as_record
from mnist_tui.training.protocol.messages import SessionChanged
from mnist_tui.training.protocol.requests import Label, Subscribe
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.system.command import json_of, make, mnist_tui, output_of, running
from tests.system.processes import kill_supervisor

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from tests.harness import Workspace


def label(workspace: Workspace, session_id: int, **labels: Any) -> SessionRecord:
    return as_record(workspace.client.request(Label, session_id=session_id, **labels))


def changes(workspace: Workspace, session_id: int, command: str = "label") -> list[CommandHistory]:
    rows = read_history(workspace.home.session(session_id) / "history.jsonl")
    return [row for row in rows if row.command == command]


def assert_sentence(done: CompletedProcess[str], code: int, *words: str) -> None:
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.replace("\n", "").isprintable()
    for word in words:
        assert word in done.stderr


def test_labels_change_while_a_session_trains_and_survive_the_supervisor(
    workspace: Workspace,
) -> None:
    session_id = running(workspace)
    label(workspace, session_id, name=" wide kernels ", tags=("good", "a b", "good"))
    label(workspace, session_id, note="see page 3 [of the book] ", is_pinned=True)

    record = workspace.record(session_id)

    expected = ("wide kernels", ("good", "a b"), "see page 3 [of the book]", True)
    assert labels_of(record) == expected
    assert record.state is S.RUNNING
    kill_supervisor(workspace)
    assert labels_of(workspace.record(session_id)) == expected
    workspace.reach(session_id, S.RUNNING)


def labels_of(record: SessionRecord) -> tuple[Any, ...]:
    return record.name, record.tags, record.note, record.is_pinned


def test_the_history_tells_what_was_changed_by_whom_and_at_which_step(shared: Workspace) -> None:
    session_id = running(shared)
    label(shared, session_id, name="second", note="why")
    label(shared, session_id, name="second")
    label(shared, session_id, tags=(), note="")
    told = changes(shared, session_id)
    assert [row.result for row in told] == [
        "renamed to second, was cnn-digits; note: why",
        "note removed",
    ]
    assert told[0].by.startswith("cli pid ")
    assert told[0].step is not None
    assert told[0].step >= 1


def test_everyone_who_watches_is_told(shared: Workspace) -> None:
    session_id = shared.create(is_held=True)
    with Client.connect(shared.home) as watcher:
        watcher.records(Subscribe)
        label(shared, session_id, name="seen")
        event = next(watcher.events())
    assert isinstance(event, SessionChanged)
    assert event.record.name == "seen"


@pytest.mark.parametrize("state", [S.QUEUED, S.PAUSED, S.STOPPED])
def test_labels_change_in_every_state(shared: Workspace, state: S) -> None:
    session_id = shared.create(is_held=True) if state is S.QUEUED else running(shared)
    if state is not S.QUEUED:
        shared.request(Trigger.PAUSE if state is S.PAUSED else Trigger.STOP, session_id)
        shared.reach(session_id, state)
    changed = label(shared, session_id, name="other", is_pinned=True)
    assert (changed.name, changed.is_pinned, changed.state) == ("other", True, state)
    label(shared, session_id, is_pinned=False)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"name": ""}, "the name is empty"),
        ({"name": "12"}, "all digits"),
        ({"name": "a\x1b[31m"}, "control or invisible character at position 2"),
        ({"tags": ("fine", "a/b")}, "the tag has '/' at position 2"),
        ({"tags": tuple(f"t{number}" for number in range(21))}, "there are 21 tags; use 20"),
        ({"note": "x" * 501}, "the note has 501 characters; use 500 or fewer"),
        ({"note": "one\ntwo"}, "control or invisible character at position 4"),
        ({"note": "right\u202eleft"}, "control or invisible character at position 6"),
    ],
)
def test_what_is_no_label_changes_nothing(shared: Workspace, labels: Any, words: str) -> None:
    session_id = shared.create(is_held=True)
    before = shared.record(session_id)
    with pytest.raises(Refused) as caught:
        label(shared, session_id, **{"is_pinned": True, **labels})
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"Session #{session_id} is left as it is: ")
    assert shared.record(session_id) == before


def test_a_pinned_session_stays_out_of_the_trash_until_it_is_unpinned(shared: Workspace) -> None:
    pinned, other = (make(shared, "--hold") for _ in range(2))
    output_of(shared.home, "pin", pinned)
    assert_sentence(
        mnist_tui(shared.home, "rm", pinned),
        1,
        f"Session #{pinned} cannot be moved to the trash: it is pinned;"
        f" `mnist-tui pin --off {pinned}`",
    )
    output_of(shared.home, "rm", "--all")
    assert {record.id for record in shared.records()} == {pinned}
    assert (shared.home.trash / str(other)).exists()
    output_of(shared.home, "pin", "--off", pinned)
    output_of(shared.home, "rm", pinned)
    assert shared.records() == []


def test_the_commands_change_and_show_what_they_are_told(shared: Workspace) -> None:
    session_id = make(shared, "--hold", "--name", "first", "--tag", "old")
    told = [
        mnist_tui(shared.home, *words).stderr
        for words in (
            ("rename", "first", "the second"),
            ("tag", "the second", "new", "+plus", "-old"),
            ("note", f"#{session_id}", "it", "is", "good"),
            ("pin", session_id),
        )
    ]
    assert told == [
        f"#{session_id} is called the second.\n",
        f"#{session_id} the second has the tags new, plus.\n",
        f"#{session_id} the second has the note: it is good\n",
        f"#{session_id} the second is pinned.\n",
    ]
    row = next(row for row in json_of(shared.home, "ls") if row["id"] == session_id)
    assert [row[key] for key in ("name", "tags", "note", "pinned")] == [
        "the second", ["new", "plus"], "it is good", True,
    ]  # fmt: skip
    page = output_of(shared.home, "show", session_id)
    for words in ("the second", "new, plus", "it is good", "pinned", "renamed to the second"):
        assert words in page
    output_of(shared.home, "tag", session_id, "--clear", "only")
    output_of(shared.home, "note", session_id, "")
    output_of(shared.home, "pin", "--off", session_id)
    record = shared.record(session_id)
    assert labels_of(record) == ("the second", ("only",), "", False)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("rename", "@", "12"), 1, "add a letter"),
        (("rename", "@", " "), 1, "give at least one letter"),
        (("rename", "@", "a\x1b]0;x\x07"), 1, "control or invisible character at position 2"),
        (("rename", "@", "[bold]x"), 1, "leave out slashes"),
        (("tag", "@", "-absent"), 1, "There is no tag absent to remove."),
        (("tag", "@", "-\x1b[2J"), 1, "There is no tag"),
        (("tag", "@", "+"), 1, "the tag is empty"),
        (("tag", "@", "a\u202eb"), 1, "control or invisible character"),
        (("note", "@", "a\x9bb"), 1, "control or invisible character at position 2"),
        (("note", "@", "x" * 10_000), 1, "use 500 or fewer"),
        (("rename", "9999", "x"), 1, "There is no session #9999"),
        (("pin", "nobody"), 1, "There is no session nobody"),
    ],
)
def test_bad_input_gets_one_sentence(
    shared: Workspace, words: tuple[str, ...], code: int, sentence: str
) -> None:
    session_id = make(shared, "--hold", "--name", "kept")
    done = mnist_tui(shared.home, *[word.replace("@", str(session_id)) for word in words])
    assert_sentence(done, code, sentence)
    assert labels_of(shared.record(session_id)) == ("kept", (), "", False)


@pytest.mark.parametrize("words", [("rename", 1), ("tag", 1), ("note", 1), ("pin",)])
def test_a_command_without_what_it_needs_says_so(
    shared: Workspace, words: tuple[object, ...]
) -> None:
    done = mnist_tui(shared.home, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(words[0]) in done.stderr


def test_h_asks_for_help_with_tags_and_takes_a_tag_away_that_begins_so(shared: Workspace) -> None:
    assert output_of(shared.home, "tag", "-h") == output_of(shared.home, "tag", "--help")
    session_id = make(shared, "--hold", "--tag", "hard", "--tag", "soft")
    output_of(shared.home, "tag", session_id, "-hard")
    assert shared.record(session_id).tags == ("soft",)
