"""Smoke tests: one or two per subsystem that starts processes, by file.

`.ci/run` runs these of the tests marked `system`, `.ci/run full` runs all of them.
"""

from __future__ import annotations

SMOKE: dict[str, tuple[str, ...]] = {
    "system/test_audit.py": ("test_an_empty_home_has_nothing_to_tell",),
    "system/test_bad_input.py": ("test_all_problems_are_told_at_once_a_line_each",),
    "system/test_bench_command.py": ("test_ctrl_c_while_torch_is_loaded_prints_no_traceback",),
    "system/test_cli.py": (
        "test_a_new_session_prints_its_id_alone_and_wait_ends_when_it_has_finished",
        "test_the_supervisor_starts_answers_restarts_and_stops",
        "test_the_version_and_the_help_of_every_command_are_told",
    ),
    "system/test_cli_changes.py": ("test_pause_stop_and_kill_return_when_it_has_happened",),
    "system/test_demo.py": ("test_without_a_terminal_two_models_train_and_are_compared",),
    "system/test_evaluate.py": ("test_a_running_session_is_scored_and_trains_on",),
    "system/test_exact_resume.py": (
        "test_a_worker_killed_at_random_instants_costs_nothing_but_time",
    ),
    "system/test_file_operations.py": (
        "test_a_session_ends_the_same_whichever_operation_of_its_worker_fails",
    ),
    "system/test_frames.py": ("test_hostile_frames_harm_nobody",),
    "system/test_full_disk.py": ("test_a_full_disk_refuses_in_sentences_and_loses_nothing",),
    "system/test_hostile_text.py": ("test_no_command_prints_what_acts",),
    "system/test_import_names.py": ("test_a_users_model_imports_the_users_own_storage",),
    "system/test_journeys.py": (
        "test_a_new_user_trains_compares_improves_and_finds_everything_again[80-24]",
    ),
    "system/test_labels.py": ("test_the_commands_change_and_show_what_they_are_told",),
    "system/test_making.py": (
        "test_a_sweep_makes_every_combination_and_waits_for_all",
        "test_a_clone_trains_the_same_but_for_what_is_asked",
    ),
    "system/test_out_of_memory.py": (
        "test_the_kernel_takes_the_one_worker_and_the_row_says_out_of_memory",
    ),
    "system/test_outliers.py": (
        "test_drawn_signs_are_shown_to_several_models_and_their_area_is_in_the_record",
    ),
    "system/test_own.py": ("test_ones_own_model_learns_ones_own_pictures",),
    "system/test_profile.py": ("test_a_running_session_tells_where_its_batches_go_and_trains_on",),
    "system/test_queue.py": ("test_the_command_tells_the_new_place_and_ls_why_it_waits",),
    "system/test_races.py": ("test_of_sixteen_simultaneous_starts_one_supervisor_serves_all",),
    "system/test_recovery.py": (
        "test_after_a_restart_of_the_machine_nothing_starts_until_it_is_resumed",
    ),
    "system/test_report.py": (
        "test_json_has_everything_and_the_figures_are_those_of_other_commands",
    ),
    "system/test_report_browser.py": ("test_it_draws_without_a_complaint_and_without_a_request",),
    "system/test_sessions.py": (
        "test_a_session_trains_validates_tests_and_finishes",
        "test_pause_stops_the_batches_and_resume_goes_on_with_the_very_next",
        "test_stop_frees_the_process_and_resume_continues_from_there",
        "test_a_worker_killed_by_a_stranger_is_failed_with_the_cause_and_can_go_on",
    ),
    "system/test_snapshots.py": ("test_a_running_session_is_kept_under_a_name_and_trains_on",),
    "system/test_ssh.py": ("test_a_remote_command_that_starts_a_supervisor_returns_at_once",),
    "system/test_studies.py": ("test_a_study_runs_to_its_end_and_shows_ours_beside_the_published",),
    "system/test_supervisor.py": (
        "test_the_guard_brings_a_killed_supervisor_back_and_training_goes_on",
    ),
    "system/test_supervisor_kills.py": (
        "test_a_supervisor_killed_at_random_instants_loses_nothing",
    ),
    "system/test_watch.py": ("test_each_epoch_and_each_state_is_a_line_without_escapes",),
    "tui/screens/test_form.py": ("test_every_preset_can_be_chosen_and_started_as_it_stands",),
    "tui/screens/test_screens.py": (
        "test_a_session_is_made_watched_paused_resumed_stopped_and_killed",
        "test_a_lost_supervisor_is_announced_and_found_again",
    ),
    "tui/screens/test_session_screen.py": (
        "test_a_snapshot_keeps_a_named_checkpoint_while_training_goes_on",
    ),
}
