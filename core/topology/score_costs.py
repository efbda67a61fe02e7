"""What mode `score` will cost, from the numbers of items and points alone."""

from __future__ import annotations

from core.analysis import Estimate, Inputs
from core.topology.asked import second_for
from core.topology.costs import BASE_MEMORY, item_cost
from core.topology.score_checks import check_details
from core.topology.score_features import OF_BOXES, RANK_GRID, chunks_of
from core.topology.score_params import ScoreParams
from core.topology.vectorize_mode import INTERVAL_SECONDS, RANK_SECONDS, SECONDS_OF_LINE

DIRAC_BYTES, DIRACS_OF_POINT = 24, 3.0
WARPING_SECONDS = 4e-9  # of a step of one series against a step of another; bounds and abandoned paths counted in
WINDOW_TABLES = 5.0  # tables of warping that choosing a window amounts to
IMAGE_SECONDS = 2e-7  # of a value of an image
FITS = {  # seconds of a fit with prediction: at least, for an item and feature, and for a pair of items
    "svm": (1e-3, 2e-8, 2e-7),
    "linear": (6e-3, 1e-7, 0.0),
    "random_forest": (0.2, 1e-6, 0.0),
    "xgboost": (0.04, 1.5e-6, 0.0),
}
SETTINGS = {"svm": 20, "linear": 5, "random_forest": 1, "xgboost": 1}  # that are tried
SIMPLE = 12  # features of graphs and clouds, about


def estimate_score(params: ScoreParams, inputs: Inputs) -> Estimate:
    """The cost on one core.

    Raises:
        BadInput: input that no score can be had from, as far as its details show it.
    """
    check_details(params, inputs)
    outlined, cost = item_cost(params, inputs)
    items, details = outlined.items, inputs["data"].details
    is_given = "train" in details and params.split != "folds"
    divisions = 1 if is_given else params.folds * params.repeats
    learned = int(details["train"]) if is_given else items * (params.folds - 1) // params.folds
    learned = max(min(learned, items - 1), 1)
    asked = max(items - learned, 1)
    bandwidths = _bandwidths(params, outlined.form)
    own_lengths = outlined.form not in ("graphs", "images") and second_for(params.second, outlined.form) == "codensity"
    shares = sum(value < 0 for value in params.bandwidths()) if own_lengths and not params.is_paper else 0
    sets = bandwidths + shares * (divisions - 1)
    settings = len(params.vectorizations())
    features = params.grid() ** (4 if params.vectorization == "rectangles" else 2) * len(params.degrees)

    each = cost.seconds + 2e-3
    boxed = params.vectorization in OF_BOXES
    if params.vectorization == "s_cdr":
        each += settings * INTERVAL_SECONDS * outlined.points
    if params.vectorization == "landscape":
        each += 2 * params.grid() * (1e-4 + SECONDS_OF_LINE * outlined.points)
    if params.vectorization == "rectangles":
        each += RANK_GRID**2 * RANK_SECONDS * outlined.points
    made = sets + (divisions if boxed else 0)  # features of one parameter are made on their own there
    seconds = 2.0 + items * made * (each + boxed * cost.seconds)

    images = 0.0 if params.vectorization in ("landscape", "s_cdr") else IMAGE_SECONDS * items * features
    for name in params.used_classifiers():
        for tried in (bandwidths * settings, settings):
            seconds += divisions * tried * (images + _choice_seconds(params, name, learned, asked, features))
        if outlined.form not in ("series", "images"):
            seconds += divisions * _choice_seconds(params, name, learned, asked, SIMPLE)
    if outlined.form == "series":
        length = int(details["points"][2]) if "points" in details else outlined.most_points
        pairs = learned * asked + WINDOW_TABLES * learned**2
        seconds += divisions * WARPING_SECONDS * pairs * length**2
    handed = int(DIRAC_BYTES * DIRACS_OF_POINT * outlined.points * items * bandwidths)
    memory = BASE_MEMORY + max(cost.memory, 3 * handed + 24 * features * items)
    chunks = len(chunks_of(items, made))
    steps = 1 + made * chunks * (1 + boxed) + divisions * (3 + 2 * len(params.used_classifiers()))
    return Estimate(seconds=seconds, memory=memory, steps=steps)


def _bandwidths(params: ScoreParams, form: str) -> int:
    return len(params.bandwidths()) if second_for(params.second, form) == "codensity" else 1


def _choice_seconds(params: ScoreParams, name: str, learned: int, asked: int, features: int) -> float:
    """Of choosing settings on one table of features; the last fit and the prediction are small beside it."""
    least, by_value, by_pair = FITS[name]
    folds = 1 if name == "random_forest" else params.used_tuning_folds()
    fit = least + by_value * learned * features + by_pair * learned**2
    return folds * SETTINGS[name] * fit
