"""Takes the structure out of a learning problem: labels or pixels in an order that means nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data.preparation import Split


def shuffled_labels(parts: Split, share: float, seed: int) -> Split:
    """Exchanges labels of the training part among rows that are drawn at random; the validation part stays true.

    Zhang et al. 2017 (arXiv:1611.03530), section 2; Li et al. 2018 (arXiv:1804.08838), section 3. The labels are
    permuted, so each class keeps its size, and about one in C of the rows that are drawn gets its own label back.

    Args:
        parts: labelled.
        share: of the training rows that take part, 0 to 1.
        seed: the same one gives the same labels.
    """
    generator = np.random.default_rng(seed)
    labels = parts.y_train.copy()
    drawn = generator.permutation(len(labels))[: round(share * len(labels))]
    labels[drawn] = labels[generator.permutation(drawn)]
    return replace(parts, y_train=labels)


def shuffled_pixels(parts: Split, seed: int) -> Split:
    """Puts the places of every sample into one and the same random order.

    Li et al. 2018 (arXiv:1804.08838), section 3: to a fully connected network nothing changes, a convolution loses
    its neighbours. The channels of a pixel stay together.

    Args:
        parts: samples of shape (features,), (height, width) or (channels, height, width).
        seed: the same one gives the same order.
    """
    shape = parts.X_train.shape[1:]
    places = int(np.prod(shape[-2:]))  # all features of a row, all pixels of an image
    order = np.random.default_rng(seed).permutation(places)

    def shuffle(samples: np.ndarray) -> np.ndarray:
        return samples.reshape(len(samples), -1, places)[:, :, order].reshape(samples.shape)

    return replace(parts, X_train=shuffle(parts.X_train), X_validation=shuffle(parts.X_validation))
