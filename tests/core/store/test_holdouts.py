"""A stored holdout answers within its budget, keeps a ledger, and never shows a label."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pytest

from core.errors import BadInput, NotFound
from core.store.holdout_links import HoldoutKey, link_holdout, list_holdout_links, revoke_holdout_link
from core.store.holdouts import Question, ask_holdout, create_holdout, get_holdout, ledger, list_holdouts

N, K = 400, 3


@pytest.fixture
def labels():
    generator = np.random.default_rng(0)
    return generator.integers(0, K, N), generator.integers(0, K, N)


@pytest.fixture
def holdout(store, workspace, labels):
    """With a secret that is known, so that its noise is the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.holdouts.secrets.token_hex", lambda length: "5a" * length)
        return create_holdout(store, workspace, "Test set", labels[1], labels[0], budget=3)


@pytest.fixture
def key(workspace, holdout):
    return HoldoutKey.of_owner(workspace, holdout.id)


def sure_of(labels, share=1.0, seed=0):
    """Probabilities of a model that is right on a share of the rows."""
    generator = np.random.default_rng(seed)
    told = np.where(generator.random(len(labels)) < share, labels, (labels + 1) % K)
    return np.full((len(labels), K), 0.1) + 0.7 * np.eye(K)[told]


def overfitted(labels, seed):
    """Right on the training part, wrong on the holdout: every seed is another submission."""
    return Question("accuracy", sure_of(labels[1], 0.0), sure_of(labels[0], 0.99, seed), subject=f"model {seed}")


def test_agreeing_parts_get_the_exact_training_mean(store, key, labels):
    """Predictions that do as well on both parts cost nothing, in the unit of each query."""
    good = {"holdout": sure_of(labels[1]), "training": sure_of(labels[0])}
    found = {name: ask_holdout(store, key, Question(name, **good)) for name in ("accuracy", "brier", "nll")}
    assert found["accuracy"].answer == 1.0
    assert found["brier"].answer == pytest.approx(0.2**2 + 2 * 0.1**2)
    assert found["nll"].answer == pytest.approx(-np.log(0.8))
    assert get_holdout(store, key).budget_left == 3


def test_overfitting_is_answered_from_the_holdout_until_the_budget_is_spent(store, key, labels):
    """Each use costs one unit; then there is silence, which is not written down."""
    answers = [ask_holdout(store, key, overfitted(labels, seed)) for seed in range(5)]
    assert [entry.spends for entry in answers] == [True, True, True, False, False]
    assert all(abs(entry.answer) < 0.15 for entry in answers[:3])
    assert [entry.answer for entry in answers[3:]] == [None, None]
    assert (len(ledger(store, key)), get_holdout(store, key).budget_left, get_holdout(store, key).silent) == (
        3,
        0,
        True,
    )


def test_same_question_gets_the_same_answer_for_nothing(store, make_store, key, labels, clock):
    """A repeat is answered from the ledger: free, also by another name, after a restart, and after the silence."""
    first = ask_holdout(store, key, overfitted(labels, 0), "Ada")
    clock.now += 60
    again = ask_holdout(make_store(), key, overfitted(labels, 0), "Bob")
    assert (again.answer, again.repeated, again.asker, again.time) == (first.answer, True, "Ada", first.time)
    for seed in range(1, 6):
        ask_holdout(store, key, overfitted(labels, seed))
    assert ask_holdout(store, key, overfitted(labels, 0)).answer == first.answer
    assert get_holdout(store, key).asked == 3


def test_repeat_is_judged_by_what_was_sent_and_not_by_the_labels(store, key, labels):
    """Two submissions that are equally wrong on a row are two questions: a free repeat would tell that."""
    question = overfitted(labels, 0)
    ask_holdout(store, key, question)
    other = np.asarray(question.holdout).copy()
    other[0] = np.roll(other[0], 1)
    told = [values[0].argmax() for values in (question.holdout, other)]
    assert len({labels[1][0], *told}) == 3  # wrong before, and wrong in another way now
    assert not ask_holdout(store, key, Question("accuracy", other, question.training)).repeated


def test_ledger_says_who_asked_what_and_when(store, key, labels, clock):
    """Lines stand in the order of asking, with query, subject, asker, answer, cost and time."""
    ask_holdout(store, key, overfitted(labels, 0), "Ada")
    clock.now += 5
    ask_holdout(store, key, Question("brier", sure_of(labels[1]), sure_of(labels[0]), subject="v2"), "Bob")
    first, second = ledger(store, key)
    assert (first.number, first.query, first.subject, first.asker, first.spends) == (
        1,
        "accuracy",
        "model 0",
        "Ada",
        True,
    )
    assert (second.number, second.query, second.subject, second.asker, second.spends) == (
        2,
        "brier",
        "v2",
        "Bob",
        False,
    )
    assert second.time - first.time == 5


def test_labels_are_never_shown(store, workspace, holdout, key, labels):
    """No value that leaves the store holds the labels or the secret of the noise."""
    ask_holdout(store, key, overfitted(labels, 0))
    shown = str([asdict(one) for one in (*list_holdouts(store, workspace), *ledger(store, key))])
    assert "noise" not in shown and "labels" not in shown
    assert all(not isinstance(value, bytes | np.ndarray) for value in asdict(holdout).values())


def test_threads_share_one_budget(store, key, labels):
    """Many askers at once: exactly the budget is spent, numbers have no gap, equal questions are answered once."""
    questions = [overfitted(labels, seed) for seed in (*range(8), *range(8))]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda question: ask_holdout(store, key, question), questions))
    lines = ledger(store, key)
    assert [line.number for line in lines] == [1, 2, 3]
    assert (sum(line.spends for line in lines), get_holdout(store, key).budget_left) == (3, 0)
    by_subject = {}
    for entry in answers:
        by_subject.setdefault(entry.subject, set()).add(entry.answer)
    assert sum(found != {None} for found in by_subject.values()) == 3
    assert all(len(found - {None}) <= 1 for found in by_subject.values())


def test_stored_once(store, workspace, stranger, labels, holdout):
    """The same labels again are refused, since they would bring a new budget; another workspace may have its own."""
    with pytest.raises(BadInput, match="stored already, as Test set, with 3 of 3 left"):
        create_holdout(store, workspace, "Again", labels[1], labels[0], budget=300)
    assert create_holdout(store, stranger, "Theirs", labels[1], labels[0]).budget == N // 10
    assert [one.name for one in list_holdouts(store, workspace)] == ["Test set"]


def test_foreign_holdout_is_not_found(store, workspace, stranger, holdout, labels):
    """A stranger, an unknown id and a forged token all get the same words, whatever they try."""
    link, _ = link_holdout(store, workspace, holdout.id)
    keys = [HoldoutKey.of_owner(stranger, holdout.id), HoldoutKey.of_owner(workspace, "no"), HoldoutKey.of_link("no")]
    calls = [
        *(lambda key=key, act=act: act(key) for key in keys for act in (
            lambda key: get_holdout(store, key),
            lambda key: ledger(store, key),
            lambda key: ask_holdout(store, key, overfitted(labels, 0)),
        )),
        lambda: link_holdout(store, stranger, holdout.id),
        lambda: list_holdout_links(store, stranger, holdout.id),
        lambda: revoke_holdout_link(store, stranger, link.id),
        lambda: create_holdout(store, "no workspace", "", labels[1], labels[0]),
    ]  # fmt: skip
    words = set()
    for call in calls:
        with pytest.raises(NotFound) as caught:
            call()
        words.add(str(caught.value))
    assert len(words) == 1
    assert list_holdouts(store, stranger) == []


def test_link_lets_others_ask_within_the_same_budget(store, workspace, holdout, key, labels, clock):
    """A link asks, sees the ledger, is named in it, and ends by its date or when it is revoked."""
    link, token = link_holdout(store, workspace, holdout.id, "Colleagues", expires_days=1)
    theirs = HoldoutKey.of_link(token)
    ask_holdout(store, theirs, overfitted(labels, 0), "Eve")
    assert [(line.link, line.asker) for line in ledger(store, theirs)] == [("Colleagues", "Eve")]
    assert get_holdout(store, key).budget_left == 2
    clock.now += 86_401
    with pytest.raises(NotFound):
        ask_holdout(store, theirs, overfitted(labels, 1))
    lasting, token = link_holdout(store, workspace, holdout.id)
    revoke_holdout_link(store, workspace, lasting.id)
    with pytest.raises(NotFound):
        ledger(store, HoldoutKey.of_link(token))
    assert [one.revoked is None for one in list_holdout_links(store, workspace, holdout.id)] == [False, True]
    assert link.id != lasting.id


def test_sparse_validate_tells_bits(store, workspace, labels):
    """A claim that holds is free, one that the holdout contradicts costs; then there is silence."""
    stored = create_holdout(store, workspace, "Bits", labels[1], mechanism="sparse_validate", budget=1)
    key = HoldoutKey.of_owner(workspace, stored.id)
    predictions = sure_of(labels[1], 0.5)

    def bit(claim):
        return ask_holdout(store, key, Question("accuracy", predictions, claim=claim, tolerance=0.1)).answer

    assert [bit(0.5), bit(0.9), bit(0.55)] == [0.0, 1.0, None]
    assert [line.answer for line in ledger(store, key)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"query": "ece"}, "accuracy, brier, nll"),
        ({"training": None}, "takes predictions for the training and holdout rows"),
        ({"holdout": np.full((N - 1, K), 1 / K)}, r"\(399, 3\) were found for the holdout part"),
        ({"holdout": np.full((N, K), 0.5)}, "sums to 1.5"),
        ({"claim": 0.5, "tolerance": 0.1}, "takes no claim"),
    ],
)
def test_question_that_does_not_fit_is_refused(store, key, labels, change, words):
    """A refusal names what was found and costs nothing."""
    asked = {"query": "accuracy", "holdout": sure_of(labels[1]), "training": sure_of(labels[0])} | change
    with pytest.raises(BadInput, match=words):
        ask_holdout(store, key, Question(**asked))
    assert ledger(store, key) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"training_labels": None}, "training labels are missing"),
        ({"training_labels": [0, 1]}, "equal size"),
        ({"holdout_labels": [[0, 1]]}, "holdout labels: an array of shape"),
        ({"holdout_labels": [0.5] * N}, "whole class numbers"),
        ({"holdout_labels": [-1] * N}, "whole class numbers"),
        ({"budget": 0}, "Budget: 0"),
        ({"sigma": -1.0}, "Sigma: -1"),
        ({"classes": 2}, "labels run to 2"),
        ({"mechanism": "oracle"}, "thresholdout or sparse_validate"),
    ],
)
def test_holdout_that_can_not_guard_is_refused(store, workspace, labels, change, words):
    """Nothing is stored where labels or limits make no sense."""
    given = {"holdout_labels": labels[1], "training_labels": labels[0]} | change
    with pytest.raises(BadInput, match=words):
        create_holdout(store, workspace, "Test set", **given)
    assert list_holdouts(store, workspace) == []
