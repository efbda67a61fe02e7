"""The examples that are one click away: of each question, and of its modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.analysis import Analysis, Source
from core.errors import NotFound
from core.sources import builtin_sources


@dataclass(frozen=True)
class Example:
    """A question that can be asked at once.

    Attributes:
        title: of the run.
        words: one sentence: what it asks, of what, and how long it takes.
        params: mode and what differs from the defaults.
        inputs: slot -> name of something built in.
        gives: what a result of this question tells, in a sentence or two.
    """

    title: str
    words: str
    params: Mapping[str, Any]
    inputs: Mapping[str, str]
    gives: str = ""


EXAMPLES: Mapping[str, Example] = {
    "intrinsic-dimension": Example(
        title="Example: digits, 64-32-10 network",
        words="How few parameters learn to read 8 × 8 digits? A 64-32-10 network has 2,410; about a minute on two cores.",
        params={"mode": "objective"},
        inputs={"dataset": "digits"},
        gives="Of a task: the smallest number of free parameters that still learn it, with an interval from some twenty "
        "trainings, among the published figures. Of data: the dimension of the set that the points lie on, by five "
        "estimators and over the scales.",
    ),
    "landscape": Example(
        title="Example: digits, 216 small networks",
        words="Eight widths, nine learning rates, three seeds: networks that read 8 × 8 digits, in which phases of training do they "
        "lie? Under two minutes on two cores.",
        params={"mode": "sweep"},
        inputs={"dataset": "digits"},
        gives="A map of the temperature-load plane: of each cell its phase, how sure that is, and what to turn next, with the curves, "
        "spectra and surfaces that it rests on; of networks trained here, or of a table of measurements.",
    ),
    "calibration": Example(
        title="Example: overconfident classifier",
        words="Is a generated classifier whose logits are twice too large found out, and is the right temperature, 2, "
        "found? 10,000 rows of 10 classes; a few seconds.",
        params={"mode": "evaluate"},
        inputs={"predictions": "overconfident"},
        gives="How far stated probabilities are from what happens, with intervals and against the floor that chance "
        "alone would give; which repair helps on rows that it has not seen, and by how much.",
    ),
    "telemetry": Example(
        title="Example: Euclid-like spacecraft",
        words="An invented spacecraft: 11 temperatures and 35 covariates over 120 days, with 33 planted events. Are they found, "
        "and is the right cause named? Under a minute on two cores.",
        params={"mode": "detect"},
        inputs={"telemetry": "euclid-like-short"},
        gives="Which parameters left what their own past lets expect, when, in units and in sigma; what moved first where "
        "several did; which covariate explains it, and whether that can be trusted.",
    ),
    "topology": Example(
        title="Example: noisy circle",
        words="120 points: a circle with noise, and 20 % clutter. Does one loop stand out once points are also told apart by how "
        "dense their place is? A few seconds.",
        params={"mode": "describe"},
        inputs={"data": "noisy-circle"},
        gives="Of one item: how many components and loops there are at every radius and every level of a second parameter, "
        "and whether one of them stands out. Of many: features of equal length that a classifier can use.",
    ),
}

# Of a question's other modes: slug -> mode, or mode-study -> example.
MODE_EXAMPLES: Mapping[str, Mapping[str, Example]] = {
    "intrinsic-dimension": {
        "study": Example(
            title="Example: digits, eight networks of different sizes",
            words="Does a larger network need more dimensions for the same task? Four widths, one and two hidden layers, on 8 × 8 "
            "digits: from 1,210 to 26,122 parameters; under a minute on two cores.",
            params={"mode": "study"},
            inputs={"dataset": "digits"},
        ),
        "objective-grid": Example(
            title="Example: digits, by the grid of the paper",
            words="The same digits by the paper's own rule: 33 trainings at eleven dimensions, the first whose mean passes, and the "
            "bootstrap. Under a minute on two cores.",
            params={"mode": "objective", "search": "grid"},
            inputs={"dataset": "digits"},
        ),
        "objective-labels": Example(
            title="Example: wine, shuffled labels learned by heart",
            words="With true labels some ten dimensions learn 142 wines; how many does it take where the labels mean nothing and "
            "must be memorised? Under a minute on two cores.",
            params={
                "mode": "objective",
                "shuffled_labels": 1.0,
                "metric": "training",
                "hidden": [64],
                "epochs": 150,
                "batch_size": 32,
            },
            inputs={"dataset": "wine"},
        ),
        "control": Example(
            title="Example: balancing a pole",
            words="In how small a random subspace of a policy's 1,282 parameters can a cart-pole be balanced, against the published 25? "
            "Four dimensions, four searches each; under a minute on two cores.",
            params={"mode": "control", "subspace_dimensions": (2, 4, 8, 25)},
            inputs={},
        ),
        "data": Example(
            title="Example: digits in the layers of a ResNet-20",
            words="How many dimensions do 8 × 8 digits have, by five estimators and over the scales, and what do the twenty layers of a "
            "network that learns them make of that? Under a minute on two cores.",
            params={"mode": "data", "network_epochs": 5, "network_points": 1000},
            inputs={"dataset": "digits", "model": "resnet20"},
        ),
        "fine_tuning": Example(
            title="Example: digits, fine-tuned to other answers",
            words="A 64-64-32-10 network that reads digits learns new answers to them: how few numbers carry it there, does a factor "
            "for each layer save some, and what did pretraining save? 6,570 parameters; about a minute on two cores.",
            params={"mode": "fine_tuning"},
            inputs={"dataset": "digits"},
        ),
    },
    "landscape": {
        "degeneracy": Example(
            title="Example: digits, what three small networks do without",
            words="Two layers of 16 units, three seeds: which directions are dead, which parameters count, and what does the learning "
            "coefficient say? About half a minute on two cores.",
            params={"mode": "degeneracy"},
            inputs={"dataset": "digits"},
        ),
        "zoo": Example(
            title="Example: the results of 108 small networks on digits",
            words="A small model zoo that comes with the workbench: in which phases do its networks lie, how did they get there, and "
            "where does averaging pay? A few seconds.",
            params={"mode": "zoo"},
            inputs={"checkpoints": "digits-zoo"},
        ),
        "pruning": Example(
            title="Example: digits, pruned to a few weights in a hundred",
            words="Six learning rates, five densities: which rate for the density that you want? About a minute on two cores.",
            params={"mode": "pruning"},
            inputs={"dataset": "digits"},
        ),
        "pruning-direction": Example(
            title="Example: digits, should the learning rate be raised before pruning?",
            words="You train at 0.01 and want 12 % of the weights: raise or lower the rate, and what comes of it? About a minute.",
            params={"mode": "pruning", "study": "direction", "present": 0.01},
            inputs={"dataset": "digits"},
        ),
        "pruning-choice": Example(
            title="Example: digits, which of 24 dense networks should be pruned?",
            words="Of 24 networks: prune the most accurate, or the one whose retrained twins agree? Under a minute.",
            params={"mode": "pruning", "study": "choice"},
            inputs={"dataset": "digits"},
        ),
        "pruning-tuning": Example(
            title="Example: digits, rho of SAM for each density",
            words="Six radii of sharpness-aware minimisation: which one for which density, and is plain SGD beaten? About a minute.",
            params={"mode": "pruning", "study": "tuning", "temperature": "sam_rho"},
            inputs={"dataset": "digits"},
        ),
    },
    "calibration": {
        "repair": Example(
            title="Example: overconfident classifier, repaired",
            words="Logits that are twice too large, 5,000 rows to fit on and 10,000 to be judged on: which recalibrator helps most, and "
            "is anything better than one temperature? Under a minute on two cores.",
            params={"mode": "repair"},
            inputs={"predictions": "overconfident"},
        ),
        "population": Example(
            title="Example: 54 small networks on digits",
            words="Networks of several widths, depths, lengths of training and weight decays: do the metrics of calibration agree on who is "
            "worse, and does accuracy tell? Under a minute on two cores.",
            params={"mode": "population"},
            inputs={"population": "digits-mlps"},
        ),
        "holdout": Example(
            title="Example: a holdout that is asked again and again",
            words="Classifiers that only guess are chosen by their accuracy on a holdout: how far does it drift from the truth, and does "
            "Thresholdout prevent that? Some seconds.",
            params={"mode": "holdout"},
            inputs={},
        ),
    },
    "telemetry": {
        "inject": Example(
            title="Example: Euclid-like spacecraft, would it have been found?",
            words="Events of a chosen kind are put into the spacecraft's temperatures, one at a time: from which size on are they found, and "
            "is their cause named? Under a minute on two cores.",
            params={"mode": "inject"},
            inputs={"telemetry": "euclid-like-short"},
        ),
        "chaos": Example(
            title="Example: chaotic flows, how far ahead?",
            words="How long does a boosted model follow Lorenz, Rössler and two other flows, in Lyapunov times, and what does chaos cost the "
            "detector? Under a minute on two cores.",
            params={"mode": "chaos", "flows": ("lorenz", "rossler", "thomas", "halvorsen")},
            inputs={},
        ),
    },
    "topology": {
        "vectorize": Example(
            title="Example: circles and figure eights as rows of features",
            words="80 clouds of 60 points, half circles, half figure eights: features of equal length that a classifier can use. Some ten "
            "seconds.",
            params={"mode": "vectorize"},
            inputs={"data": "two-shapes"},
        ),
        "score": Example(
            title="Example: oscillations and random walks, told apart",
            words="60 series, half for training: does the shape of their delay embedding tell noisy oscillations from random "
            "walks, does a second parameter help, and would a nearest neighbour do as well? Under a minute on two cores.",
            params={"mode": "score"},
            inputs={"data": "waves"},
        ),
        "optimise": Example(
            title="Example: noisy circle, its loop opened",
            words="120 points: a circle with noise, and 20 % clutter. Where do they go when the largest loop at each radius and level is "
            "to widen, and are the derivatives that move them right? Under a minute on two cores.",
            params={"mode": "optimise", "loss": "open_loops"},
            inputs={"data": "noisy-circle"},
        ),
        "robustness": Example(
            title="Example: a circle among figure eights, shaken",
            words="How far do noise, outliers and missing points move the features of one of 80 clouds, against how far circles are "
            "from figure eights, and is the stability theorem's bound kept? Some ten seconds.",
            params={"mode": "robustness"},
            inputs={"data": "two-shapes"},
        ),
    },
}


def asked_example(slug: str, name: str) -> Example | None:
    """The example that an address names: `?example=MODE` or `MODE-STUDY`, anything else that of the question."""
    return MODE_EXAMPLES.get(slug, {}).get(name) or EXAMPLES.get(slug)


def example_inputs(analysis: Analysis, example: Example) -> dict[str, Source]:
    """The sources of an example.

    Raises:
        NotFound: it names something that does not come with the workbench.
    """
    inputs = {}
    for slot in analysis.inputs_of(str(example.params["mode"])):
        if slot.slot in example.inputs:
            location = f"builtin:{example.inputs[slot.slot]}"
            found = [source for source in builtin_sources(slot.kind) if source.location == location]
            if not found:
                raise NotFound(f"The example needs {location}, which does not come with this version.")
            inputs[slot.slot] = found[0]
    return inputs
