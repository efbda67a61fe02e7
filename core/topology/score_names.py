"""What the rows of a score are called, in tables and in sentences."""

from __future__ import annotations

TWO, ONE = "two parameters", "one parameter"
NONE, MAJORITY = "none", "majority"
SIMPLE_FEATURES = {  # of a form of shapes
    "graphs": "degrees and sizes",
    "clouds": "sizes and extents",
    "distances": "sizes and extents",
}
VALUES = {"series": "raw values", "images": "pixels"}
CLASSIFIER_WORDS = {
    "svm": "support vector machine",
    "random_forest": "random forest",
    "xgboost": "XGBoost",
    "linear": "ridge classifier",
    "1nn_euclid": "1-NN (Euclid)",
    "1nn_dtw": "1-NN (DTW)",
    "1nn_dtw_window": "1-NN (DTW, chosen window)",
    MAJORITY: "commonest class",
}


def in_words(features: str, classifier: str) -> str:
    """Features and classifier as a sentence has them.

    >>> in_words("pixels", "1nn_euclid"), in_words("none", "majority")
    ('1-NN (Euclid) on pixels', 'commonest class')
    """
    words = CLASSIFIER_WORDS.get(classifier, classifier)
    return words if features == NONE else f"{words} on {features}"
