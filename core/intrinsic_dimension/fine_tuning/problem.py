"""What is fine-tuned to what, and what a look at it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analysis import Source
from core.data.preparation import Scaling

Pretraining = Literal["shuffled classes", "other classes", "masked words"]
TextNetwork = Literal["small transformer", "MiniLM"]
Method = Literal["DID", "SAID"]
Start = Literal["pretrained", "scratch"]

TEXT_WIDTH, TEXT_BLOCKS = 32, 2  # of the small transformer


@dataclass(frozen=True)
class FineTuning:
    """Everything that all trainings of one question share.

    Attributes:
        dataset: with labels: the new task, and where no weights were brought also what is pretrained on.
        model: a file with weights; an architecture to be pretrained here; None for an MLP.
        target: label column of a table.
        hidden: units of the hidden layers of that MLP.
        pretraining: what is learned first, where no weights were brought.
        pretraining_epochs: passes of that.
        text: column of texts; empty where the samples are numbers.
        text_network: that reads texts.
        words: places of a text.
        vocabulary: words that are told apart.
        scaling: of features that are numbers: "columns", "common", "none", or "automatic".
        most_rows: a larger data set is reduced to so many rows.
        validation_fraction: share of the rows that is measured on.
        seed: of the splits and of the pretraining.
        projection: kind of the random subspaces, as in `core.intrinsic_dimension.projection`.
        epochs: passes over the training rows of the new task.
        batch_size: rows of one gradient.
        device: "cpu" or "gpu".
    """

    dataset: Source
    model: Source | None
    target: str
    hidden: tuple[int, ...]
    pretraining: Pretraining
    pretraining_epochs: int
    text: str
    text_network: TextNetwork
    words: int
    vocabulary: int
    scaling: Scaling
    most_rows: int
    validation_fraction: float
    seed: int
    projection: str
    epochs: int
    batch_size: int
    device: Literal["cpu", "gpu"]

    @property
    def reads_minilm(self) -> bool:
        """Whether it is MiniLM that is fine-tuned, to texts."""
        return bool(self.text) and self.text_network == "MiniLM"


@dataclass(frozen=True)
class FineTuningFacts:
    """What a look at the problem finds.

    Attributes:
        full_dimension: D, trainable parameters, the head's among them.
        network: one line for captions.
        batchable: whether several runs can share one forward pass.
        classes: of the new task.
        chance: share of its largest class among the validation rows.
        training_rows: of the new task, that are learned from.
        validation_rows: that are measured on.
        rows_given: of the data set.
        scaling: how the features were scaled.
        head: what became of the last layer, as a clause.
        new_head: whether it is drawn anew for each training.
        untouched: validation accuracy before any fine-tuning, mean over a few heads where those are new.
        layers: names of the layers that SAID scales.
        layer_sizes: number of parameters of each.
        source: where the weights come from, as a clause.
        training_mode: the model was exported in training mode: its dropout stays on.
    """

    full_dimension: int
    network: str
    batchable: bool
    classes: int
    chance: float
    training_rows: int
    validation_rows: int
    rows_given: int
    scaling: str
    head: str
    new_head: bool
    untouched: float
    layers: tuple[str, ...]
    layer_sizes: tuple[int, ...]
    source: str
    training_mode: bool


def text_parameters(vocabulary: int, words: int, classes: int) -> int:
    """Number of parameters of the small transformer.

    >>> text_parameters(1003, 24, 8)
    50248
    """
    block = 8 * TEXT_WIDTH**2 + 11 * TEXT_WIDTH
    return (vocabulary + words + 4 + classes) * TEXT_WIDTH + TEXT_BLOCKS * block + classes
