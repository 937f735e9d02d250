"""Requests of clients to the supervisor, and the tasks that carry some of them out.

Requests are imperative. Nothing here performs I/O.
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
    """Base of all requests."""

    id: Annotated[int, Meta(ge=0, lt=2**53)]
    """Chosen by the client; the reply repeats it."""


class Hello(Request, frozen=True, kw_only=True, tag="hello"):
    """First line of every connection. Reply: {version, pid, home}."""

    version: int
    client: str
    """The name of the client in the history: cli or tui."""


class List(Request, frozen=True, kw_only=True, tag="list"):
    """Get all records. Reply: a list of SessionRecord."""


class Get(Request, frozen=True, kw_only=True, tag="get"):
    """Get one record. Reply: SessionRecord."""

    session_id: int


class Subscribe(Request, frozen=True, kw_only=True, tag="subscribe"):
    """Get all records now and events from now on. Reply: a list of SessionRecord."""

    is_in_parts: bool = False
    """True if the records precede the reply in several `RecordsTold`; the reply is null then."""


class Create(Request, frozen=True, kw_only=True, tag="create"):
    """Create a session. Reply: SessionRecord, or Hyperparameters with `is_dry_run`.

    The reply waits until a missing dataset is on disk; meanwhile `TaskProgressed` events report
    progress. Refused requests leave nothing behind.
    """

    parameters: dict[str, Any]
    """Only the values given, as text or JSON."""
    data_dir: str
    name: str = ""
    """Empty for a generated one."""
    tags: tuple[str, ...] = ()
    note: str = ""
    is_held: bool = False
    is_dry_run: bool = False
    environment: dict[str, str] = {}
    study: StudyPlace | None = None
    """For a session of a study: the run begun by `KeepStudy`, and the row."""


class KeepStudy(Request, frozen=True, kw_only=True, tag="keep_study"):
    """Begin a run of a study by storing its definition. Reply: the run's name."""

    run: str
    """A new name."""
    is_numbered: bool = False
    """True to replace a taken name by name-2, or the next free one, instead of refusing."""
    definition: dict[str, Any]
    """`training.studies.study_definition.Study` as plain types."""
    left_out: dict[str, str] = {}
    """The reason why a row has no sessions, by its label."""


class ChangeState(Request, frozen=True, kw_only=True, tag="change"):
    """Request a transition of one session. Reply: SessionRecord once the request is recorded."""

    session_id: int
    action: Trigger


class Label(Request, frozen=True, kw_only=True, tag="label"):
    """Change the labels of a session, in any state; None leaves a label as it is.

    Reply: SessionRecord once that is durable.
    """

    session_id: int
    name: str | None = None
    tags: tuple[str, ...] | None = None
    """All tags: those that are left out are removed."""
    note: str | None = None
    """Empty to remove it."""
    is_pinned: bool | None = None


class KeepCheckpoint(Request, frozen=True, kw_only=True, tag="snapshot"):
    """Keep the current state of a session as a named checkpoint. Reply: {step, file}.

    A worker saves between two batches and continues; a session at rest keeps its newest checkpoint
    under the name.
    """

    session_id: int
    name: str


class Profile(Request, frozen=True, kw_only=True, tag="profile"):
    """Profile the next batches of a running session. Reply: {step}.

    The reply comes once `results.profiles.Profile` is in the session's folder; the result of the
    training does not change.
    """

    session_id: int
    num_batches: Annotated[int, Meta(ge=1, le=MAX_PROFILED_BATCHES)]
    is_traced: bool = False
    """True if the last batch is also stored for Chrome's trace viewer."""


class Move(Request, frozen=True, kw_only=True, tag="move"):
    """Move a queued session within the queue. Reply: SessionRecord."""

    session_id: int
    places: int
    """Negative is earlier; moves beyond the ends lead to the first or last place."""


class Summarize(Request, frozen=True, kw_only=True, tag="summarize"):
    """Get the layers of a model.

    Reply: {num_parameters, layers: [{name, kind, shape, num_parameters}]}.
    """

    parameters: dict[str, Any]
    data_dir: str = ""
    """The dataset folder; needed only for a user's dataset."""
    environment: dict[str, str] = {}
    """As in `Create`; needed only for a user's model."""


class CheckpointTask(Request, frozen=True, kw_only=True):
    """Base of requests that a task carries out with a checkpoint of a session, in any state.

    Reply: the payload of the task's `CheckpointTaskResult`, once its result is stored; meanwhile
    `TaskProgressed` events report its progress.
    """

    kind: ClassVar[str]
    """A key of `TASKS`; its arguments are the fields of the request beside those of the session."""
    session_id: int
    is_best: bool = False
    """True to use the best checkpoint rather than the newest."""


class Evaluate(CheckpointTask, frozen=True, kw_only=True, tag="evaluate"):
    """Score the test set. Reply: `results.evaluations.Evaluation`."""

    kind: ClassVar[str] = "evaluate"


class ShowOutliers(CheckpointTask, frozen=True, kw_only=True, tag="show_outliers"):
    """Test the model on out-of-distribution images. Reply: `results.outlier_tests.OutlierTest`."""

    kind: ClassVar[str] = "outliers"
    source: OutlierSource = SIGNS


class Warm(Request, frozen=True, kw_only=True, tag="warm"):
    """Load torch for the next start and prepare its dataset. Reply at once: null.

    Nothing is downloaded until a session needs it.
    """

    dataset: str = ""
    data_dir: str = ""


class Status(Request, frozen=True, kw_only=True, tag="status"):
    """Get the status of the supervisor.

    Reply: {pid, home, socket, sessions, workers, is_warm, slots, started_at}.
    """


class Shutdown(Request, frozen=True, kw_only=True, tag="shutdown"):
    """Shut the supervisor down. Reply: null, before it closes.

    Running sessions save and stop; with `is_restart` they are interrupted and continue by
    themselves under the next supervisor.
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
        ProtocolError: The line is no request, or has a duplicate key.
    """
    import json  # noqa: PLC0415 — 1 ms that clients do without

    request = decode(line, AnyRequest)
    try:
        json.loads(line, object_pairs_hook=_refuse_duplicates)
    except RecursionError as error:
        raise ProtocolError("bad message (nested too deeply)") from error
    return cast("AnyRequest", request)


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> None:
    # The last of two would win silently.
    if len({key for key, _ in pairs}) < len(pairs):
        raise ProtocolError("bad message (a key stands there twice)")
