"""Cards of finished examples: a picture of the result's own figure, its answer, one number, and the ways in."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.gallery.cards import Card, captions, finished, picture_name
from core.store.gallery import Shipped
from core.store.results import has_result
from core.store.store import Store
from pages.parts.html import answer_card, picture
from pages.parts.plot import theme_name
from pages.parts.questions import page_of

ADDRESS = "/assets/pictures"


def ready(store: Store, card: Card) -> Shipped | None:
    """The result of a card where opening it takes no computing: it came along, is of this version, and is in the store."""
    shipped = finished(card)
    if shipped is None or card.place not in captions() or not has_result(store, shipped.key):
        return None
    return shipped


def show_question_card(store: Store, card: Card) -> None:
    """A question with its example: finished, or one click from being asked."""
    analysis, shipped = card.analysis, ready(store, card)
    with st.container(key=f"question-{card.slug}"):
        words, image = st.columns([5, 6], gap="large") if shipped else (st.container(), None)
        with words, st.container(gap="small"):
            st.header(analysis.title, anchor=False)
            st.markdown(analysis.question)
            if shipped is None:
                st.caption(card.example.words)
            else:
                answer_card(asked(card), shipped.answer, shipped.summary[card.number])
            with st.container(horizontal=True, vertical_alignment="center"):
                open_link(card, "Open the result" if shipped else "Try the example")
                like_link(card)
                st.page_link(page_of(card.slug), label="With your own data", icon=":material/arrow_forward:")
        if image is not None:
            with image:
                show_picture(card)


def show_small_cards(store: Store, cards: Sequence[Card], columns: int = 2) -> None:
    """More finished examples, side by side."""
    shown = [(card, shipped) for card in cards if (shipped := ready(store, card)) is not None]
    for start in range(0, len(shown), columns):
        for column, (card, shipped) in zip(
            st.columns(columns, gap="large"), shown[start : start + columns], strict=False
        ):
            with column, st.container(key=f"card-{card.place.replace('.', '-')}", gap="small"):
                show_picture(card)
                answer_card(asked(card), "", shipped.summary[card.number])
                open_link(card, f"Open: {card.analysis.title.lower()}")


def asked(card: Card) -> str:
    """What the example asks, in a few words."""
    title = card.example.title.removeprefix("Example: ")
    return title[:1].upper() + title[1:]


def show_picture(card: Card) -> None:
    """The picture of a card in the theme of the page, which opens the result."""
    caption = captions()[card.place]
    page = page_of(card.slug).removesuffix(".py")
    picture(f"{ADDRESS}/{picture_name(card, theme_name())}", caption.alt, f"/{page}?example={card.name}")


def open_link(card: Card, label: str) -> None:
    """Opens the example: at once where it is finished, else it is asked."""
    st.page_link(page_of(card.slug), label=label, icon=":material/play_arrow:", query_params={"example": card.name})


def like_link(card: Card, label: str = "Change and run it") -> None:
    """The form, filled in like the example."""
    st.page_link(page_of(card.slug), label=label, icon=":material/tune:", query_params={"like": card.name})
