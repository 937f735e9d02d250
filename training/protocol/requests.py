"""Requests of clients to the supervisor, and the tasks that carry some of them out.

Requests are imperative. Nothing here reads or writes.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple, cast

from msgspec import Meta, Struct

from mnist_tui.storage.records import StudyPlace
from mnist_tui.training.parameters.image_sources import SIGNS, OutlierSource
from mnist_tui.training.protocol.messages import ProtocolError, decode
from mnist_tui.training.sessions.lifecycle import Trigger

MAX_PROFILED_BATCHES = 1_000


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every request carries."""

    id: Annotated[int, Meta(ge=0, lt=2**53)]
    """Chosen by the client; the reply repeats it."""


class Hello(Request, frozen=True, kw_only=True, tag="hello"):
    """First line of every connection. Reply: {version, pid, home}."""

    version: int
    client: str
    """Who asks, for the history: cli or tui."""


class List(Request, frozen=True, kw_only=True, tag="list"):
    """Ask for all records. Reply: a list of SessionRecord."""


class Get(Request, frozen=True, kw_only=True, tag="get"):
    """Ask for one record. Reply: SessionRecord."""

    session_id: int


class Subscribe(Request, frozen=True, kw_only=True, tag="subscribe"):
    """Ask for all records now and for events from now on. Reply: a list of SessionRecord."""

    is_in_parts: bool = False
    """Whether the records come before the reply, in `RecordsTold` of some each; it is null then."""


class Create(Request, frozen=True, kw_only=True, tag="create"):
    """Make a session. Reply: SessionRecord, or Hyperparameters with `is_dry_run`.

    The reply waits until a missing dataset is on disk; meanwhile `TaskProgressed` events tell how
    far that is. Refused requests leave nothing behind.
    """

    parameters: dict[str, Any]
    """Only what was given, as text or JSON."""
    data_dir: str
    name: str = ""
    """Empty for a generated one."""
    tags: tuple[str, ...] = ()
    note: str = ""
    is_held: bool = False
    is_dry_run: bool = False
    environment: dict[str, str] = {}
    study: StudyPlace | None = None
    """The run that `KeepStudy` began and the row of it, for a session of a study."""


class KeepStudy(Request, frozen=True, kw_only=True, tag="keep_study"):
    """Begin a run of a study: keep what its sessions are made by. Reply: the run's name."""

    run: str
    """A name that no run has yet."""
    is_numbered: bool = False
    """Where the name is taken, take name-2 or the next that is free, instead of refusing."""
    definition: dict[str, Any]
    """`training.studies.study_definition.Study` as plain types."""
    left_out: dict[str, str] = {}
    """Why a row has no sessions, by its label."""


class ChangeState(Request, frozen=True, kw_only=True, tag="change"):
    """Ask for a transition of one session. Reply: SessionRecord once the request is recorded."""

    session_id: int
    action: Trigger


class Label(Request, frozen=True, kw_only=True, tag="label"):
    """Change what a session is called by, in any state; None leaves a label as it is.

    Reply: SessionRecord once that is durable.
    """

    session_id: int
    name: str | None = None
    tags: tuple[str, ...] | None = None
    """All of them: those that are left out are removed."""
    note: str | None = None
    """Empty to remove it."""
    is_pinned: bool | None = None


class KeepCheckpoint(Request, frozen=True, kw_only=True, tag="snapshot"):
    """Keep the present state of a session as a checkpoint with a name. Reply: {step, file}.

    A worker saves between two batches and trains on; of a session at rest the newest checkpoint
    is kept.
    """

    session_id: int
    name: str


class Profile(Request, frozen=True, kw_only=True, tag="profile"):
    """Ask a running session to profile its next batches. Reply: {step}.

    The reply comes once `results.profiles.Profile` lies in the session's folder; the training is
    the one that it would have been.
    """

    session_id: int
    num_batches: Annotated[int, Meta(ge=1, le=MAX_PROFILED_BATCHES)]
    is_traced: bool = False
    """Whether the last of them is kept for Chrome's trace viewer, too."""


class Move(Request, frozen=True, kw_only=True, tag="move"):
    """Let a queued session start earlier or later. Reply: SessionRecord."""

    session_id: int
    places: int
    """Negative is earlier; more than there are is the first or last place."""


class Summarize(Request, frozen=True, kw_only=True, tag="summarize"):
    """Ask for the layers of a model.

    Reply: {num_parameters, layers: [{name, kind, shape, num_parameters}]}.
    """

    parameters: dict[str, Any]
    data_dir: str = ""
    """The dataset folder; it matters only for a dataset of the user's."""
    environment: dict[str, str] = {}
    """As in `Create`; it matters only for a model of the user's."""


class CheckpointTask(Request, frozen=True, kw_only=True):
    """Base of requests that a task carries out with a checkpoint of a session, in any state.

    Reply: the payload of the task's `CheckpointTaskResult`, once its result is stored; meanwhile
    `TaskProgressed` events report its progress.
    """

    kind: ClassVar[str]
    """A key of `TASKS`; its arguments are the fields of the request beside those of the session."""
    session_id: int
    is_best: bool = False
    """With the best checkpoint rather than the newest."""


class Evaluate(CheckpointTask, frozen=True, kw_only=True, tag="evaluate"):
    """Score the test set. Reply: `results.evaluations.Evaluation`."""

    kind: ClassVar[str] = "evaluate"


class ShowOutliers(CheckpointTask, frozen=True, kw_only=True, tag="show_outliers"):
    """Test the model on out-of-distribution images. Reply: `results.outlier_tests.OutlierTest`."""

    kind: ClassVar[str] = "outliers"
    source: OutlierSource = SIGNS


class Warm(Request, frozen=True, kw_only=True, tag="warm"):
    """Ask that torch be loaded for the next start, and its dataset made ready. Reply at once: null.

    Nothing is downloaded before a session asks for it.
    """

    dataset: str = ""
    data_dir: str = ""


class Status(Request, frozen=True, kw_only=True, tag="status"):
    """Ask how the supervisor is.

    Reply: {pid, home, socket, sessions, workers, is_warm, slots, started_at}.
    """


class Shutdown(Request, frozen=True, kw_only=True, tag="shutdown"):
    """Ask the supervisor to leave. Reply: null, before it closes.

    Running sessions save and stop; with `is_restart` they are interrupted and go on by themselves
    under the next supervisor.
    """

    is_restart: bool = False


AnyRequest = (
    Hello
    | List
    | Get
    | Subscribe
    | Create
    | KeepStudy
    | ChangeState
    | Label
    | KeepCheckpoint
    | Profile
    | Move
    | Summarize
    | Evaluate
    | ShowOutliers
    | Warm
    | Status
    | Shutdown
)


class TaskKind(NamedTuple):
    """A kind of short work that needs torch, in a process of its own."""

    function: str
    """module:name of a function (arguments, on_progress) that returns the result as plain types."""
    time_limit_s: float


TASKS = {
    "warm": TaskKind("mnist_tui.training.worker.task_process:warm", 120.0),
    "summary": TaskKind("mnist_tui.training.worker.model_summary:run_task", 60.0),
    "dataset": TaskKind("mnist_tui.training.data.dataset_download:run_task", 1800.0),
    "pictures": TaskKind("mnist_tui.training.data.folder_import:run_task", 1800.0),
    "trial": TaskKind("mnist_tui.training.worker.model_trial:run_task", 120.0),
    "weights": TaskKind("mnist_tui.training.data.weights_download:run_task", 1800.0),
    "evaluate": TaskKind("mnist_tui.training.evaluation.evaluate_task:run_task", 900.0),
    "outliers": TaskKind("mnist_tui.training.evaluation.outlier_task:run_task", 900.0),
}
"""All kinds of task by name; functions are named, so that neither side imports them for nothing."""


class CheckpointTaskResult(Struct, frozen=True, kw_only=True):
    """The result of the function of a `CheckpointTask`."""

    payload: Any
    figures: dict[str, float | None] = {}
    """Fields of the session's record that follow, if the newest checkpoint was used."""


def decode_request(line: bytes) -> AnyRequest:
    """Return the request in `line`.

    Raises:
        ProtocolError: The line is no request, or says the same thing twice.
    """
    import json  # noqa: PLC0415 — 1 ms that clients do without

    request = decode(line, AnyRequest)
    try:
        json.loads(line, object_pairs_hook=_refuse_duplicates)
    except RecursionError as error:
        raise ProtocolError("bad message (nested too deeply)") from error
    return cast("AnyRequest", request)


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> None:
    # The last of two would win, and nobody could tell from the first what was asked.
    if len({key for key, _ in pairs}) < len(pairs):
        raise ProtocolError("bad message (a key stands there twice)")
