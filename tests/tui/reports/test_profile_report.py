"""Output of `profile`: shares that add up, CUDA if present, no control characters."""

from __future__ import annotations

from msgspec.structs import replace

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.tui.reports.profile_report import details_of, report_lines, verdict, why_none
from tests.storage.profile_files import small_profile

RECORD = SessionRecord(id=7, name="deep", parameters={}, created_at="2026-01-02T03:04:05.678Z")


def test_the_report_tells_parts_operators_and_what_takes_most() -> None:
    assert report_lines(RECORD, small_profile(), None) == [
        "deep (#7): where a batch of 64 images goes, on average over 2 batches",
        "  measured     2026-01-02T03:04:05.678Z, up to step 1,234",
        "  on           cpu, threads: 2",
        "  a batch      10.000 ms while measured, otherwise 8.000 ms",
        "  CPU time     15.000 ms, 150 % of one core",
        "  peak memory  123.0 MB so far",
        "",
        "PART                    MS      %   MEMORY",
        "forward and loss     3.000  30.00  +2.0 MB",
        "backward             6.000  60.00  -2.0 MB",
        "between two batches  1.000  10.00      0 B",
        "",
        "OPERATOR   CALLS  CPU MS      %   MEMORY",
        "aten::mm     2.5   4.000  40.00  +1.5 kB",
        "aten::add      3   1.000  10.00      0 B",
        "2 of 7 operators, each without those that it calls; memory is what was taken less what was"
        " given back",
        "",
        "Of a batch's time backward takes most (60 %), and of all operators aten::mm does (40 %).",
    ]


def test_cuda_time_has_columns_of_its_own_and_decides_what_takes_most() -> None:
    profile = small_profile()
    forward, *others = profile.parts
    first, second = profile.operators
    on_card = replace(
        profile,
        device="cuda:0",
        parts=(replace(forward, device_s=0.004), *others),
        operators=(replace(first, device_s=0.003), replace(second, device_s=0.001)),
    )
    lines = report_lines(RECORD, on_card, None)
    assert "  CUDA time    4.000 ms, 40 % of the batch's" in lines
    assert "PART                    MS      %  CUDA MS      %   MEMORY" in lines
    assert "aten::mm     2.5   4.000  40.00    3.000  75.00  +1.5 kB" in lines
    assert any(line.endswith("was put aside meanwhile") for line in lines)
    assert verdict(on_card) == (
        "Of a batch's CUDA time forward and loss takes most (100 %), and of all operators"
        " aten::mm does (75 %)."
    )


def test_names_from_outside_are_made_inert() -> None:
    profile = small_profile()
    hostile = "\x1b[2J" + 200 * "x"
    operator, part = replace(profile.operators[0], name=hostile), profile.parts[0]
    lines = report_lines(
        replace(RECORD, name="a\x1b[31m"),
        replace(
            profile,
            operators=(operator,),
            parts=(replace(part, part=hostile),),
            device=hostile,
            created_at=hostile,
        ),
        None,
    )
    assert all(line.isprintable() for line in lines)


def test_a_profile_without_anything_to_divide_by_is_told_all_the_same() -> None:
    profile = small_profile()
    parts = tuple(replace(part, wall_s=0.0) for part in profile.parts)
    empty = replace(profile, batch_s=0.0, usual_batch_s=None, operators=(), parts=parts)
    assert "  a batch      0.000 ms while measured, otherwise – ms" in report_lines(
        RECORD, empty, None
    )
    assert verdict(empty) == "Of a batch's time forward and loss takes most (0 %)."


def test_the_json_has_the_share_of_each_part_and_operator() -> None:
    details = details_of(RECORD, small_profile())
    assert [part["fraction"] for part in details["parts"]] == [0.3, 0.6, 0.1]
    assert [operator["fraction"] for operator in details["operators"]] == [0.4, 0.1]
    assert (details["id"], details["name"], details["step"]) == (7, "deep", 1234)
    assert "format" not in details


def test_a_session_without_a_profile_says_what_to_do_in_every_state() -> None:
    for state in SessionState:
        sentence = why_none(replace(RECORD, state=state))
        assert sentence.startswith(f"#7 deep is {state} and was never profiled; ")
        assert sentence.endswith(".")
