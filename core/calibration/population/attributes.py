"""Effects of a model's attributes on its calibration, given its accuracy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from core.calibration.metrics.uncertainty import percentile_interval
from core.calibration.population.comparison import Options
from core.calibration.population.kendall import resampling_weights, tau_b, tau_draws
from core.calibration.population.schema import ACCURACY
from core.calibration.population.table import Population

MOST_LEVELS = 20  # of an attribute that is no number; more are names, not kinds
EFFECT_COLUMNS = [
    "dataset",
    "attribute",
    "y",
    "tau",
    "partial_tau",
    "partial_low",
    "partial_high",
    "coefficient",
    "coefficient_low",
    "coefficient_high",
    "n",
]


def indicators(attributes: pd.DataFrame) -> pd.DataFrame:
    """Numeric attributes as they are; one column of zeros and ones for each kind of the others ("family = resnet").

    Of two kinds one says all. Attributes with more than 20 kinds are left out.
    """
    columns: dict[str, pd.Series] = {}
    for name, values in attributes.items():
        if pd.api.types.is_numeric_dtype(values):
            columns[str(name)] = values.astype(np.float64)
            continue
        kinds = sorted(values.dropna().astype(str).unique())
        if len(kinds) <= MOST_LEVELS:
            for kind in kinds[1:] if len(kinds) == 2 else kinds:
                columns[f"{name} = {kind}"] = (values.astype(str) == kind).astype(np.float64).where(values.notna())
    return pd.DataFrame(columns, index=attributes.index)


def partial_tau(xy: np.ndarray, xz: np.ndarray, yz: np.ndarray) -> np.ndarray:
    """The tau of x and y that is left among models of equal z.

    Kendall's own partial tau (1942) isn't zero when x and y have nothing but z in common, as soon as z is measured
    or related with noise (Korn 1984). So the three taus are brought to correlations of a normal copula by Greiner's
    relation r = sin(pi tau / 2), partialled there, r = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2)), and the
    result is brought back.

    Args:
        xy: tau of x and y, any shape.
        xz: tau of x and z.
        yz: tau of y and z.
    """
    xy, xz, yz = (np.sin(np.pi / 2 * np.asarray(tau)) for tau in (xy, xz, yz))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    return np.where(np.isfinite(found), 2 / np.pi * np.arcsin(np.clip(found, -1, 1)), np.nan)


def attribute_effects(population: Population, errors: list[str], options: Options) -> pd.DataFrame:
    """What an attribute changes in a metric between models of the same accuracy.

    Two answers: the partial tau given accuracy, and the coefficient in a linear regression of ranks on accuracy
    and all attributes at once, in standard deviations per standard deviation.

    Args:
        population: with attributes.
        errors: columns of metrics.
        options: resamples, level and seed of the intervals (over models).

    Returns:
        `dataset`, `attribute`, `y`, `tau` (plain), `partial_tau`, `coefficient`, each with its interval, and `n`.
    """
    rows = []
    for dataset in population.datasets:
        table = population.of(dataset)
        designs = indicators(table[list(population.attributes)])
        if designs.empty:
            continue
        for y in errors:
            whole = designs.assign(**{ACCURACY: table[ACCURACY], y: table[y]}).dropna()
            whole = whole.loc[:, whole.nunique() > 1]
            kept = [name for name in designs if name in whole]
            if len(whole) < 3 or y not in whole or ACCURACY not in whole or not kept:
                continue
            weights = resampling_weights(
                len(whole), options.resamples, np.random.default_rng([options.seed, len(whole)])
            )
            slopes, drawn = _rank_regression(whole[[*kept, ACCURACY]].to_numpy(), whole[y].to_numpy(), weights)
            z, target = whole[ACCURACY].to_numpy(), whole[y].to_numpy()
            target_draws = tau_draws(target, z, weights)
            for i, name in enumerate(kept):
                x = whole[name].to_numpy()
                partial = partial_tau(*(np.array(t) for t in (tau_b(x, target), tau_b(x, z), tau_b(target, z))))
                draws = partial_tau(tau_draws(x, target, weights), tau_draws(x, z, weights), target_draws)
                rows.append(
                    (
                        dataset,
                        name,
                        y,
                        tau_b(x, target),
                        float(partial),
                        *_interval(draws, options.level),
                        slopes[i],
                        *_interval(drawn[:, i], options.level),
                        len(whole),
                    )
                )
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS)


def _rank_regression(designs: np.ndarray, target: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of standardised ranks, [p] and one a resample [R, p]; accuracy is the last column."""
    X = np.apply_along_axis(_standardised_ranks, 0, designs)  # [n, p]
    y = _standardised_ranks(target)
    everyone = np.ones((1, len(y)))
    return _weighted_slopes(X, y, everyone)[0], _weighted_slopes(X, y, weights.astype(np.float64))


def _weighted_slopes(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Least squares with an intercept, once for each row of weights; [R, p]. Attributes that say the same share it."""
    design = np.column_stack([X, np.ones(len(y))])
    gram = np.einsum("rn,np,nq->rpq", weights, design, design, optimize=True)
    moment = np.einsum("rn,np,n->rp", weights, design, y, optimize=True)
    return (np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ moment[:, :, None])[:, :-1, 0]


def _standardised_ranks(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values)
    return (ranks - ranks.mean()) / ranks.std()


def _interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    known = draws[np.isfinite(draws)]
    return percentile_interval(known, level) if known.size else (np.nan, np.nan)
