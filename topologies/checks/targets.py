"""Whether the targets of the impact analysis agree with each other and with what the estate can do."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.findings import Severity
from timeline.instants import format_duration
from topologies.checks.catalogue import Remark, estate_check
from topologies.estate import StandbyPair
from topologies.loading.estate import LoadedEstate
from topologies.reach import supporting

_NINE_OF_TEN = 0.9


@estate_check("function.sla-looser-than-rto", Severity.ERROR)
def sla_looser_than_rto(estate: LoadedEstate) -> Iterator[Remark]:
    """The service level agreement allows more time than the business has.

    The time promised for restoring the services behind a function is longer than its recovery time objective (RTO): the
    agreement can be kept while the objective is missed.  Tighten the agreement, or have the impact analysis changed.
    """
    for id, function in estate.topology.functions.items():
        if function.sla_restore is not None and function.rto is not None and function.sla_restore > function.rto:
            message = (
                f"the SLA of {id!r} allows {format_duration(function.sla_restore)}, its RTO is "
                f"{format_duration(function.rto)}"
            )
            place = estate.topology_document.place(["functions", id, "sla_restore"])
            yield Remark(place, message, f"agree on at most {format_duration(function.rto)}")


@estate_check("function.rto-beyond-mtpd", Severity.ERROR)
def rto_beyond_mtpd(estate: LoadedEstate) -> Iterator[Remark]:
    """The recovery time objective lies beyond the maximum tolerable period of disruption.

    By ISO 22301 the RTO is shorter than the MTPD: when the objective is met here, the damage is already unacceptable.
    """
    for id, function in estate.topology.functions.items():
        if function.rto is not None and function.mtpd is not None and function.rto > function.mtpd:
            message = (
                f"the RTO of {id!r} is {format_duration(function.rto)}, its MTPD only {format_duration(function.mtpd)}"
            )
            yield Remark(estate.topology_document.place(["functions", id, "rto"]), message, "the RTO has to be shorter")


@estate_check("function.targets-unknown", Severity.INFO)
def targets_unknown(estate: LoadedEstate) -> Iterator[Remark]:
    """A business function states no RTO or no RPO.

    What is not known is not rated: exercises cannot show whether this function was back in time, or lost too much.
    """
    for id, function in estate.topology.functions.items():
        unknown = [name for name in ("rto", "rpo") if getattr(function, name) is None]
        if unknown:
            message = f"{id!r} states no {' and no '.join(name.upper() for name in unknown)}"
            place = estate.topology_document.place(["functions", id], key=True)
            yield Remark(place, message, "take it from the business impact analysis")


@estate_check("standby.looser-than-rpo", Severity.ERROR)
def standby_looser_than_rpo(estate: LoadedEstate) -> Iterator[Remark]:
    """The standby is further behind than the business may lose.

    In one of ten moments or more the replication lag is longer than the recovery point objective (RPO) of a function
    that stands on the pair: a fail-over then loses more than was agreed.
    """
    for pair_id, pair, function_id in _pairs_below_functions(estate):
        rpo = estate.topology.functions[function_id].rpo
        if pair.replication is None or pair.replication.lag is None or rpo is None:
            continue
        lag = pair.replication.lag.quantile(_NINE_OF_TEN)
        if lag > rpo:
            message = (
                f"in one of ten moments {pair_id!r} is {format_duration(lag)} or more behind; {function_id!r} may lose "
                f"{format_duration(rpo)} (RPO)"
            )
            place = estate.topology_document.place(["standby_pairs", pair_id, "replication", "lag"])
            yield Remark(place, message, "replicate synchronously, or reduce the lag")


@estate_check("standby.slower-than-rto", Severity.ERROR)
def standby_slower_than_rto(estate: LoadedEstate) -> Iterator[Remark]:
    """Fail-over alone takes longer than the business has.

    In one of ten cases or more, detection and fail-over of the pair take longer than the recovery time objective (RTO)
    of a function that stands on it, before any person has noticed or decided anything.
    """
    for pair_id, pair, function_id in _pairs_below_functions(estate):
        rto = estate.topology.functions[function_id].rto
        if pair.fail_over is None or rto is None:
            continue
        takes = (pair.fail_over.detection or 0) + pair.fail_over.takes.quantile(_NINE_OF_TEN)
        if takes > rto:
            message = (
                f"in one of ten cases the fail-over of {pair_id!r} takes {format_duration(takes)} or more; "
                f"{function_id!r} has {format_duration(rto)} (RTO)"
            )
            place = estate.topology_document.place(["standby_pairs", pair_id, "fail_over"], key=True)
            yield Remark(place, message, "make the fail-over faster, or prepare another way to recover")


def _pairs_below_functions(estate: LoadedEstate) -> Iterator[tuple[str, StandbyPair, str]]:
    """Each pair with each function that stands on it."""
    for function_id in estate.topology.functions:
        below = supporting(estate.topology, function_id)
        for pair_id, pair in estate.topology.standby_pairs.items():
            if pair_id in below:
                yield pair_id, pair, function_id
