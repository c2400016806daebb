"""Fits a duration model: a family, common shapes, and effects on its location, by penalised censored likelihood.

The log likelihood sums the log density of exact durations, the log probability of the bounds of rounded ones, and the
log survival of those not over yet.  Coefficients of a term have a normal prior (`effects`), whose spread is found by
the EM step of Laplace's approximation (Ripatti and Palmgren 2000): the mean square of the coefficients plus their
variances.  Families, and memories of a term of periods, are compared by the marginal likelihood in the same
approximation, less half the log of the number of ended cases for each shape (BIC for censored data: Volinsky and
Raftery 2000) and less one for each spread (Vaida and Blanchard 2005).

Intervals come from the observed information: the curvature of the penalised likelihood at its maximum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.history.calibration.effects import Design, Periods, Term, Values, is_estimated
from scenarios.history.calibration.families import FAMILIES, Family, Floats, log_interval
from scenarios.history.calibration.observations import Observations, SurvivalCurve, kaplan_meier

Z95 = 1.959963984540054
LEAST_ENDED = 10
"""Fewer ended cases than this cannot carry a model."""
_STEP = 1e-3
_LONGEST_STEP = 2.0
"""On the log scale, where all parameters live: further away the curvature says nothing."""
_DRAWS = 24
_STEPS_A_ROUND, _MOST_STEPS, _MOST_ROUNDS = 3, 40, 20
_LEAST_SPREAD, _FIRST_SPREAD, _MOST_SPREAD = 1e-3, 0.3, 1.0
_MEMORIES = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class DurationModel:
    """A fitted model of durations in seconds.

    `location` holds the common value and the coefficients of the terms (columns of `design`), `phi` the unbounded
    shapes; `covariance` is of both, in this order.  `criterion` is twice the penalised marginal log likelihood,
    negated: smaller is better; it compares models of the same cases only.
    """

    family: Family
    design: Design
    location: Floats
    phi: Floats
    spreads: Floats
    covariance: Floats
    log_likelihood: float
    criterion: float
    cases: int
    ended: int

    @property
    def parameters(self) -> Floats:
        return np.concatenate([self.location, self.phi])

    def deviation(self, place: int) -> float:
        """Standard error of the parameter at a place of `parameters`."""
        return math.sqrt(max(float(self.covariance[place, place]), 0.0))

    def bounds(self, place: int) -> tuple[float, float]:
        """95 % interval of the parameter at a place of `parameters`."""
        middle, half = float(self.parameters[place]), Z95 * self.deviation(place)
        return middle - half, middle + half

    def quantile_s(self, p: float) -> float:
        """The time in seconds that a share `p` of common cases (no effect of any term) stays below."""
        return self.family.quantile_s(p, float(self.location[0]), self.phi)

    def quantile_bounds_s(self, p: float, seed: int = 0, draws: int = 400) -> tuple[float, float]:
        """95 % interval of `quantile_s`, from draws of the parameters."""
        values = [
            self.family.quantile_s(p, float(theta[0]), theta[len(self.location) :]) for theta in self.draw(draws, seed)
        ]
        low, high = np.quantile(values, [0.025, 0.975])
        return float(low), float(high)

    def draw(self, draws: int, seed: int) -> Floats:
        """Parameters from their approximate distribution: draws x parameters."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = np.random.default_rng(seed).standard_normal((draws, len(values)))
        return np.asarray(self.parameters + noise @ root.T, dtype=np.float64)

    def residual_curve(self, values: Values, observations: Observations) -> SurvivalCurve:
        """The distribution of the fitted times as it is, without a family, with the effects divided out."""
        scale = np.exp(self.design.matrix(values, self.cases)[:, 1:] @ self.location[1:])
        return kaplan_meier(Observations(observations.lower_s / scale, observations.upper_s / scale))

    def predict(self, values: Values, cases: int, at_s: Floats, curve: SurvivalCurve | None = None) -> Floats:
        """Share of each case that is over by each time (cases x times), averaged over what the parameters may be.

        With a `curve` it stands in for the family: the effects then stretch the curve.
        """
        columns = self.design.matrix(values, cases)
        extra = np.sqrt(self.design.unexplained(values, cases, self.spreads))
        shocks = np.random.default_rng(1).standard_normal((_DRAWS, cases))
        log_t = np.log(np.maximum(at_s, 1e-9))[None, :]
        total = np.zeros((cases, len(at_s)))
        for theta, shock in zip(self.draw(_DRAWS, seed=0), shocks, strict=True):
            location, phi = theta[: len(self.location)], theta[len(self.location) :]
            if curve is None:
                eta = columns @ location + extra * shock
                total += self.family.cdf(log_t, eta[:, None], phi)
            else:
                scale = np.exp(columns[:, 1:] @ location[1:] + extra * shock)
                total += curve.cdf(at_s[None, :] / scale[:, None])
        return total / _DRAWS


def choose_model(
    observations: Observations, terms: Sequence[Term], values: Values, families: Sequence[str] = tuple(FAMILIES)
) -> tuple[DurationModel, dict[str, float]]:
    """The best model by the criterion, and the criterion of each family with all terms.

    First the family, then the memory of a term of periods, then terms are left out one by one, for as long as that is
    better.  Raises ValueError where fewer than `LEAST_ENDED` cases have ended.
    """
    fits = {name: fit_durations(observations, name, terms, values) for name in families}
    best = min(fits.values(), key=_criterion)
    variants = [_refit(observations, best, memory, values) for memory in _other_memories(terms)]
    best = min([best, *variants], key=_criterion)
    while best.design.terms:
        least = min(
            (_without(observations, best, number, values) for number in range(len(best.design.terms))), key=_criterion
        )
        if least.criterion > best.criterion:
            break
        best = least
    return best, {name: model.criterion for name, model in fits.items()}


def _criterion(model: DurationModel) -> float:
    return model.criterion


def fit_durations(
    observations: Observations, family: str, terms: Sequence[Term] = (), values: Values | None = None
) -> DurationModel:
    """Fits one family with these terms.  Raises ValueError as above."""
    ended = int(observations.over.sum())
    if ended < LEAST_ENDED:
        raise ValueError(f"{ended} ended cases are too few to fit: {LEAST_ENDED} are needed")
    return _Fit(observations, FAMILIES[family], Design(tuple(terms)), values or {}).run()


def _other_memories(terms: Sequence[Term]) -> list[float]:
    return [m for term in terms if isinstance(term, Periods) for m in _MEMORIES if m != term.memory]


def _refit(observations: Observations, model: DurationModel, memory: float, values: Values) -> DurationModel:
    terms = tuple(replace(t, memory=memory) if isinstance(t, Periods) else t for t in model.design.terms)
    return _Fit(observations, model.family, Design(terms), values).run(model.parameters, model.spreads)


def _without(observations: Observations, model: DurationModel, number: int, values: Values) -> DurationModel:
    """The model fitted without one of its terms."""
    terms = tuple(term for place, term in enumerate(model.design.terms) if place != number)
    start = np.delete(model.parameters, model.design.slices()[number])
    return _Fit(observations, model.family, Design(terms), values).run(start, np.delete(model.spreads, number))


class _Fit:
    """One search: alternates the maximum of the penalised likelihood with the spreads until both are still."""

    def __init__(self, observations: Observations, family: Family, design: Design, values: Values) -> None:
        self.observations, self.family, self.design = observations, family, design
        self.columns = design.matrix(values, len(observations))
        self.centre, self.weight = np.array(family.centre), np.array(family.precision)
        self.loglik = _case_likelihood(observations, family)

    def run(self, start: Floats | None = None, spreads: Floats | None = None) -> DurationModel:
        if spreads is None:
            spreads = np.array([_FIRST_SPREAD if is_estimated(term) else 1.0 for term in self.design.terms])
        theta = self._start() if start is None else start
        for _ in range(_MOST_ROUNDS):
            precision = self.design.precision(spreads)
            theta = self._climb(theta, precision, _STEPS_A_ROUND)
            covariance = np.asarray(np.linalg.pinv(self._slopes(theta, precision)[1]), dtype=np.float64)
            renewed = self._spreads(theta, covariance, spreads)
            moved = float(np.max(np.abs(np.log(renewed / spreads)), initial=0.0))
            spreads = renewed
            if moved < 0.05:
                break
        return self._model(self._climb(theta, self.design.precision(spreads), _MOST_STEPS), spreads)

    def _start(self) -> Floats:
        """The best fit without any term, from each of the family's starts."""
        logs = np.log(np.maximum(self.observations.middle_s, 0.5))
        bare = self if self.design.width == 1 else _Fit(self.observations, self.family, Design(()), {})
        begins = self.family.starts(float(logs.mean()), max(float(logs.std()), 0.05))
        climbed = [bare._climb(np.array([location, *phi]), np.zeros((1, 1)), _MOST_STEPS) for location, phi in begins]
        best = max(climbed, key=lambda theta: bare._penalised(theta, np.zeros((1, 1))))
        return np.concatenate([best[:1], np.zeros(self.design.width - 1), best[1:]])

    def _split(self, theta: Floats) -> tuple[Floats, Floats]:
        return theta[: self.design.width], theta[self.design.width :]

    def _penalised(self, theta: Floats, precision: Floats) -> float:
        location, phi = self._split(theta)
        value = float(self.loglik(self.columns @ location, phi).sum())
        off = phi - self.centre
        value -= 0.5 * float(location @ precision @ location) + 0.5 * float(self.weight @ (off * off))
        return value if math.isfinite(value) else -math.inf

    def _climb(self, theta: Floats, precision: Floats, most_steps: int) -> Floats:
        """Newton's steps, damped until each one rises."""
        value = self._penalised(theta, precision)
        damping = 1e-6
        for _ in range(most_steps):
            gradient, hessian = self._slopes(theta, precision)
            scale = np.maximum(np.abs(np.diag(hessian)), 1e-8)
            for _ in range(30):
                step = _solve(hessian + damping * np.diag(scale), gradient)
                risen = self._penalised(theta + step, precision) if step is not None else -math.inf
                if step is not None and risen >= value - 1e-10 * abs(value):
                    break
                damping = max(damping * 10, 1e-6)
            else:
                return theta
            theta, gained, value = theta + step, risen - value, max(risen, value)
            damping /= 10
            if gained < 1e-7 and float(np.max(np.abs(step))) < 1e-4:
                break
        return theta

    def _slopes(self, theta: Floats, precision: Floats) -> tuple[Floats, Floats]:
        """Gradient and negated Hessian of the penalised likelihood."""
        location, phi = self._split(theta)
        first, second = _case_slopes(self.loglik, self.columns @ location, phi)
        x, width = self.columns, self.design.width
        size = width + len(phi)
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        gradient[:width] = x.T @ first[:, 0] - precision @ location
        gradient[width:] = first[:, 1:].sum(0) - self.weight * (phi - self.centre)
        hessian[:width, :width] = x.T @ (x * -second[:, 0, 0][:, None]) + precision
        hessian[:width, width:] = x.T @ -second[:, 0, 1:]
        hessian[width:, :width] = hessian[:width, width:].T
        hessian[width:, width:] = -second[:, 1:, 1:].sum(0) + np.diag(self.weight)
        return gradient, hessian

    def _spreads(self, theta: Floats, covariance: Floats, spreads: Floats) -> Floats:
        renewed = spreads.copy()
        for number, (term, where) in enumerate(zip(self.design.terms, self.design.slices(), strict=True)):
            if is_estimated(term):
                coefficients, unit = theta[where], term.precision()
                square = float(coefficients @ unit @ coefficients) + float(np.trace(unit @ covariance[where, where]))
                renewed[number] = np.clip(math.sqrt(max(square, 0.0) / term.width), _LEAST_SPREAD, _MOST_SPREAD)
        return renewed

    def _model(self, theta: Floats, spreads: Floats) -> DurationModel:
        precision = self.design.precision(spreads)
        _, information = self._slopes(theta, precision)
        location, phi = self._split(theta)
        likelihood = float(self.loglik(self.columns @ location, phi).sum())
        inner = information[1 : self.design.width, 1 : self.design.width]
        prior = precision[1:, 1:]
        marginal = likelihood
        if inner.size:
            marginal += 0.5 * (np.linalg.slogdet(prior)[1] - np.linalg.slogdet(inner)[1])
            marginal -= 0.5 * float(location[1:] @ prior @ location[1:])
        ended = int(self.observations.over.sum())
        return DurationModel(
            family=self.family,
            design=self.design,
            location=location,
            phi=phi,
            spreads=spreads,
            covariance=np.asarray(np.linalg.pinv(information), dtype=np.float64),
            log_likelihood=likelihood,
            criterion=float(-2 * marginal + (1 + len(phi)) * math.log(ended) + 2 * len(self.design.terms)),
            cases=len(self.observations),
            ended=ended,
        )


_Likelihood = Callable[[Floats, Floats], Floats]


def _case_likelihood(observations: Observations, family: Family) -> _Likelihood:
    """The log likelihood of each case as a function of its location and the shapes."""
    exact, over = observations.exact, observations.over
    between, open_ = over & ~exact, ~over
    log_low = np.log(np.maximum(observations.lower_s, 1e-6))
    log_high = np.log(np.where(over, np.maximum(observations.upper_s, 1e-6), 1.0))
    from_zero = observations.lower_s <= 0

    def likelihood(eta: Floats, phi: Floats) -> Floats:
        values = np.empty(len(eta))
        values[exact] = family.log_density(log_low[exact], eta[exact], phi)
        values[open_] = family.log_survival(log_low[open_], eta[open_], phi)
        if between.any():
            low = family.log_survival(log_low[between], eta[between], phi)
            low = np.where(from_zero[between], 0.0, low)
            values[between] = log_interval(low, family.log_survival(log_high[between], eta[between], phi))
        return values

    return likelihood


def _case_slopes(loglik: _Likelihood, eta: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """First (cases x k) and second (cases x k x k) derivatives of each case by its location and the shapes.

    Central differences, for all cases at once: any family needs no more than its density and survival.
    """
    size = 1 + len(phi)
    unit = np.eye(size) * _STEP

    def at(move: Floats) -> Floats:
        return loglik(eta + move[0], phi + move[1:])

    middle = at(np.zeros(size))
    up, down = [at(unit[j]) for j in range(size)], [at(-unit[j]) for j in range(size)]
    first = np.stack([(up[j] - down[j]) / (2 * _STEP) for j in range(size)], axis=1)
    second = np.empty((len(eta), size, size))
    for j in range(size):
        second[:, j, j] = (up[j] - 2 * middle + down[j]) / _STEP**2
        for k in range(j):
            both = at(unit[j] + unit[k]) + at(-unit[j] - unit[k])
            mixed = (both - up[j] - down[j] - up[k] - down[k] + 2 * middle) / (2 * _STEP**2)
            second[:, j, k] = second[:, k, j] = mixed
    return first, second


def _solve(matrix: Floats, right: Floats) -> Floats | None:
    """The solution where the matrix is positive definite, else None; no entry longer than `_LONGEST_STEP`."""
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    step = np.asarray(np.linalg.solve(root.T, np.linalg.solve(root, right)), dtype=np.float64)
    return step * min(1.0, _LONGEST_STEP / max(float(np.max(np.abs(step))), 1e-12))
