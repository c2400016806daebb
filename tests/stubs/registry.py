"""The stubs and the tests that must catch them."""

from __future__ import annotations

from typing import Any

from tests.stubs import Stub


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _no_effect(*_: Any, **__: Any) -> Any:
    from scenarios.faults import Effect

    return Effect()


def _always_met(*_: Any, **__: Any) -> Any:
    from reports.scoring import Outcome

    return Outcome.MET


def _always(*_: Any, **__: Any) -> bool:
    return True


def _never(*_: Any, **__: Any) -> bool:
    return False


def _never_happens(fault: Any, _: int) -> Any:
    from scenarios.models import ScenarioFault

    return ScenarioFault.model_validate({"fault": fault.kind, "target": fault.target, "at": "52w"})


def _no_results(_: Any, __: Any, times: Any, **___: Any) -> Any:
    from simulator.monitoring.promql import Instants, Vector

    return Instants(Vector.empty(len(times)), {})


def _kills_all(_: Any, alive: Any) -> set[str]:
    return {mutant.id for mutant in alive}


def _finds_nothing(*_: Any, **__: Any) -> list[Any]:
    return []


def _drops_rows(draft: Any, edge: Any) -> None:
    if not draft.edges:
        draft.edges.append(edge)


STUBS = (
    Stub(
        name="fault-that-does-nothing",
        pretends="every fault starts and ends on the timeline, and hurts nobody",
        replaces="scenarios.faults.catalogue:FaultKind.effect_of",
        replacement=_no_effect,
        watched=("tests/simulator/estate/test_cascade.py",),
        caught_by=(
            "test_cascade.test_a_cycle_of_dependencies_recovers_with_its_cause",
            "test_cascade.test_a_group_serves_while_enough_members_do",
            "test_cascade.test_a_hard_dependency_takes_its_dependents_with_it_and_gives_them_back",
            "test_cascade.test_a_loss_with_a_delay_is_felt_only_after_it_and_not_at_all_when_it_was_shorter",
            "test_cascade.test_a_second_loss_is_not_felt_at_the_delay_of_the_first",
            "test_cascade.test_a_site_takes_with_it_what_stands_there_and_each_starts_up_in_its_own_time",
            "test_cascade.test_a_soft_dependency_costs_the_stated_share",
            "test_cascade.test_an_asynchronous_dependency_costs_nothing_but_a_backlog",
            "test_cascade.test_power_that_feeds_a_site_is_not_taken_down_by_that_site",
            "test_cascade.test_replicas_below_the_needed_number_carry_only_their_share",
        ),
    ),
    Stub(
        name="evaluator-that-returns-nothing",
        pretends="rules are evaluated, and no alert ever changes its state",
        replaces="simulator.monitoring.rules.engine:RuleEngine.lookahead",
        replacement=_nothing,
        watched=("tests/simulator/monitoring/test_side.py",),
        caught_by=(
            "test_side.test_a_backlog_is_traced_to_the_fault_of_whoever_should_work_it_off",
            "test_side.test_alertmanager_is_told_again_when_it_is_back",
            "test_side.test_alerts_trace_back_to_their_fault_also_through_recording_rules",
            "test_side.test_an_alert_fires_after_scrape_evaluation_and_for",
            "test_side.test_an_alert_that_nothing_explains_has_no_cause",
            "test_side.test_prometheus_finds_what_is_wrong_when_it_is_back",
            "test_side.test_the_notification_follows_group_wait_and_says_what_is_wrong",
            "test_side.test_what_the_paging_provider_does_not_take_is_lost_once_and_arrives_when_it_is_back",
        ),
    ),
    Stub(
        name="scorer-that-always-praises",
        pretends="every target is met",
        replaces="reports.scoring.parts:target_outcome",
        replacement=_always_met,
        watched=("tests/reports/test_scoring.py",),
        caught_by=(
            "test_scoring.test_a_promise_that_the_exercise_did_not_see_kept_is_undecided_and_not_met",
            "test_scoring.test_a_target_is_held_against_its_figure",
            "test_scoring.test_the_objective_weights_the_score",
            "test_scoring.test_what_never_happened_is_missed_and_still_open",
        ),
    ),
    Stub(
        name="action-that-only-says-so",
        pretends="commands to the estate are completed, and nothing is different afterwards",
        replaces="simulator.estate.side:ModelledEstate.apply",
        replacement=_nothing,
        watched=("tests/simulator/estate/test_recovery.py",),
        caught_by=(
            "test_recovery.test_automatic_fail_over_waits_for_its_detection_time",
            "test_recovery.test_fail_over_restores_service_and_loses_what_was_not_replicated",
            "test_recovery.test_restart_ends_a_crash_after_its_time",
            "test_recovery.test_synchronous_replication_loses_nothing",
        ),
    ),
    Stub(
        name="verification-that-only-says-so",
        pretends="data are compared, for as long as that takes, and found to be right whatever they are",
        replaces="simulator.estate.data:DataSets.check_shows",
        replacement=_never,
        watched=("tests/simulator/estate/test_data_recovery.py",),
        caught_by=(
            "TestCorruption.test_nobody_sees_a_silent_one_until_the_job_compares",
            "TestRestore.test_a_check_keeps_the_corruption_out_and_the_store_closed",
            "test_data_recovery.test_a_check_in_service_shows_what_is_wrong_and_no_more",
        ),
    ),
    Stub(
        name="loader-that-drops-errors",
        pretends="whatever is wrong with a file, it loads",
        replaces="topologies.loading.gathering:Gathered.complete",
        replacement=_nothing,
        watched=("tests/topologies/loading/test_estate.py",),
        caught_by=(
            "test_estate.test_errors_of_all_files_are_reported_at_once",
            "test_estate.test_estate_that_is_not_there_suggests_a_shipped_one",
            "test_estate.test_fault_kinds_are_judged_by_whoever_knows_them",
            "test_estate.test_rule_file_that_is_missing_is_reported_where_it_is_named",
        ),
    ),
    Stub(
        name="authority-that-always-agrees",
        pretends="everybody may order everything",
        replaces="simulator.response.authority:may_order",
        replacement=_always,
        watched=("tests/simulator/response/test_authority.py",),
        caught_by=(
            "test_authority.test_an_approval_takes_the_time_of_the_approver",
            "test_authority.test_every_order_has_authority_behind_it",
            "test_authority.test_nobody_to_approve_means_no_action",
            "test_authority.test_what_becomes_of_an_order",
        ),
    ),
    Stub(
        name="need-to-know-that-lets-everybody-read",
        pretends="an incident is confined, and everybody is cleared for it",
        replaces="simulator.response.access:Access._is_cleared",
        replacement=_always,
        watched=("tests/simulator/response/test_access.py",),
        caught_by=(
            "test_access.test_where_nobody_is_stopped_it_is_on_record_that_they_read",
            "test_access.test_whoever_lacks_the_clearance_acts_only_once_access_is_given",
            "test_access.test_without_access_nothing_is_done",
        ),
    ),
    Stub(
        name="handover-that-loses-nothing",
        pretends="what is forgotten at a handover is on record, and the next one knows it all the same",
        replaces="simulator.response.diagnosis:Search.forget",
        replacement=_nothing,
        watched=("tests/simulator/response/test_command.py",),
        caught_by=("test_command.test_the_search_goes_on_without_what_was_forgotten",),
    ),
    Stub(
        name="coverage-whose-faults-harm-nobody",
        pretends="every fault is tried and its alerts are looked for, in an estate that never suffers it",
        replaces="studies.coverage.faults:TriedFault.scheduled",
        replacement=_never_happens,
        watched=("tests/studies/coverage/test_findings.py",),
        caught_by=(
            "test_findings.test_a_receiver_that_reaches_no_team",
            "test_findings.test_alerts_that_always_fire_together",
            "test_findings.test_alerts_that_no_fault_makes_fire",
            "test_findings.test_an_expectation_that_another_fault_masks",
            "test_findings.test_expectations_beside_what_is_predicted",
            "test_findings.test_faults_that_nothing_sees_or_that_take_the_alerting_with_them_page_nobody",
            "test_findings.test_findings_stand_where_their_subject_is_written",
            "test_findings.test_times_are_intervals_over_the_draws",
        ),
    ),
    Stub(
        name="evaluator-for-coverage-that-returns-nothing",
        pretends="rules are evaluated over every fault, and none has a result",
        replaces="simulator.monitoring.rules.engine:evaluate_instants",
        replacement=_no_results,
        watched=("tests/studies/coverage/test_findings.py",),
        caught_by=(
            "test_findings.test_a_receiver_that_reaches_no_team",
            "test_findings.test_a_rule_whose_evaluation_fails_is_told_with_the_reason",
            "test_findings.test_alerts_that_always_fire_together",
            "test_findings.test_alerts_that_no_fault_makes_fire",
            "test_findings.test_an_alert_on_a_season_is_false",
            "test_findings.test_an_expectation_that_another_fault_masks",
            "test_findings.test_expectations_beside_what_is_predicted",
            "test_findings.test_faults_that_nothing_sees_or_that_take_the_alerting_with_them_page_nobody",
            "test_findings.test_findings_stand_where_their_subject_is_written",
            "test_findings.test_times_are_intervals_over_the_draws",
        ),
    ),
    Stub(
        name="mutants-that-all-die",
        pretends="every mutant is evaluated and told from its rule",
        replaces="studies.coverage.mutation:Judge.killed_in_quiet_run",
        replacement=_kills_all,
        watched=("tests/studies/coverage/test_mutation.py",),
        caught_by=(
            "test_mutation.test_a_fault_between_the_thresholds_kills_the_mutant",
            "test_mutation.test_a_threshold_that_no_fault_distinguishes_survives",
            "test_mutation.test_of_a_rule_that_never_fires_only_the_wrong_way_round_is_noticed",
            "test_mutation.test_what_a_fault_or_the_quiet_run_distinguishes_is_killed",
        ),
    ),
    Stub(
        name="back-test-that-pages-nobody",
        pretends="alerts fire over the recording, and no notification is a page",
        replaces="studies.backtest.running:_Record._page",
        replacement=_nothing,
        watched=("tests/studies/backtest/test_running.py",),
        caught_by=(
            "test_running.test_external_labels_take_part_in_routing",
            "test_running.test_first_page_comes_after_group_wait_and_repeats_come_at_flushes",
            "test_running.test_integrations_of_a_receiver_are_one_page",
            "test_running.test_offsets_give_a_range",
            "test_running.test_pages_reach_who_is_on_call_at_that_moment",
        ),
    ),
    Stub(
        name="importer-of-estates-that-drops-edges",
        pretends="every record is read, and all edges but the first are forgotten",
        replaces="topologies.importers.estate.draft:Draft.edge",
        replacement=_drops_rows,
        watched=("tests/topologies/importers/estate/test_traces.py",),
        caught_by=(
            "test_traces.test_a_service_graph_says_who_calls_whom_how_often_and_how",
            "test_traces.test_answers_of_prometheus_give_the_same_as_its_metrics",
            "test_traces.test_jaeger_counts_become_calls_for_each_request",
        ),
    ),
    Stub(
        name="importer-of-histories-that-drops-rows",
        pretends="rows that cannot be used are left out, and nobody is told",
        replaces="scenarios.history.importers.intake:Intake.refuse",
        replacement=_nothing,
        watched=("tests/scenarios/history/importers/test_servicenow.py",),
        caught_by=(
            "test_servicenow.test_a_table_has_one_row_an_incident",
            "test_servicenow.test_bad_rows_are_refused_with_line_and_column_and_the_rest_counts",
            "test_servicenow.test_rows_used_and_rows_refused_are_all_rows_in_any_order",
        ),
    ),
    Stub(
        name="queue-that-forgets",
        pretends="requests wait and are served, and nothing is ever left of an overload",
        replaces="simulator.estate.flows.waiting:WorkQueue.advance",
        replacement=_nothing,
        watched=("tests/simulator/estate/test_metastable.py",),
        caught_by=(
            "test_metastable.test_a_breaker_opens_probes_and_closes_with_causes",
            "test_metastable.test_a_storm_of_impatient_retries_outlives_its_trigger",
            "test_metastable.test_a_vulnerable_system_needs_a_trigger_that_is_long_enough",
            "test_metastable.test_back_off_alone_carries_it_over_a_short_trigger",
            "test_metastable.test_back_off_alone_does_not_carry_it_over_a_long_one",
            "test_metastable.test_below_half_its_capacity_it_is_stable_and_above_it_vulnerable",
            "test_metastable.test_goodput_collapses_while_throughput_does_not",
            "test_metastable.test_it_recovers_by_itself_with",
            "test_metastable.test_without_retries_a_backlog_is_worked_off_and_then_all_is_well",
        ),
    ),
    Stub(
        name="censoring-that-is-forgotten",
        pretends="sweeps keep every figure, and take what was still open for ended",
        replaces="studies.sweep.outcomes:_may_worsen",
        replacement=_never,
        watched=("tests/studies/sweep/test_outcomes.py",),
        caught_by=("test_outcomes.test_a_figure_is_censored_while_any_sample_could_still_make_it_worse",),
    ),
    Stub(
        name="disclosure-policy-that-finds-nothing",
        pretends="every text is read over, for as long as that takes, and nothing is ever found in it",
        replaces="topologies.communication.disclosure:Screen.findings",
        replacement=_finds_nothing,
        watched=("tests/simulator/response/test_communication.py",),
        caught_by=(
            "test_communication.test_what_an_author_lets_slip_is_held_back_by_the_check_and_taken_out",
            "test_communication.test_without_a_check_it_is_out",
        ),
    ),
)
