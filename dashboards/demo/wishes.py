"""Wishes with the skew of real ones: loved trades, near places, and the sexes' leanings."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from dashboards.demo.dice import Dice
from dashboards.demo.employers import Offer
from placements.models import Choice, ChoiceList, Round
from schools.enums import Sex
from schools.models import Learner

ELSEWHERE = 0.06  # how a place in another municipality weighs against one at home
ELSEWHERE_IN_TOWN = 0.2  # the same, when it lies in Borås, where the buses go
TOWN = "1490"


class WishModel:
    """Draws ranked wishes among the offers that are open in all the weeks (Plackett–Luce)."""

    def __init__(self, dice: Dice, offers: Sequence[Offer], weeks: Sequence[date], *, grade: int, home: str) -> None:
        self.random = np.random.default_rng(dice.getrandbits(64))
        self.offers = [
            offer
            for offer in offers
            if all(offer.seats.get(week) for week in weeks) and (not offer.slot.grades or grade in offer.slot.grades)
        ]
        near = [_nearness(offer.municipality_code, home) for offer in self.offers]
        loved = np.array([offer.trade.wish * offer.popular for offer in self.offers]) * np.array(near)
        women = np.array([offer.trade.women / 100 for offer in self.offers])
        self.weights = {
            Sex.WOMAN: np.log(loved * (0.15 + 2 * women)),
            Sex.MAN: np.log(loved * (0.15 + 2 * (1 - women))),
        }

    def draw(self, sex: str, count: int) -> list[Offer]:
        """Return up to `count` offers, the dearest first."""
        if not self.offers:
            return []
        weights = self.weights.get(Sex(sex), self.weights[Sex.MAN])
        dearness = weights + self.random.gumbel(size=len(weights))
        return [self.offers[index] for index in np.argsort(-dearness)[:count]]


def _nearness(place: str, home: str) -> float:
    if place == home:
        return 1.0
    return ELSEWHERE_IN_TOWN if place == TOWN else ELSEWHERE


class WishRows:
    """Choice lists and choices, ready to be written."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.lists: list[ChoiceList] = []
        self.choices: list[Choice] = []

    def add(
        self, made: Round, learner: Learner, wishes: Sequence[Offer], saved_at: datetime, *, submitted: bool
    ) -> None:
        """Make one learner's list."""
        held = ChoiceList(
            id=self.dice.uuid(),
            region_id=made.region_id,
            authority_id=made.authority_id,
            round=made,
            learner=learner,
            saved_at=saved_at,
            submitted_at=saved_at if submitted else None,
        )
        self.lists.append(held)
        self.choices.extend(
            Choice(
                id=self.dice.uuid(),
                region_id=made.region_id,
                authority_id=made.authority_id,
                choice_list=held,
                learner=learner,
                slot=offer.slot,
                rank=rank,
            )
            for rank, offer in enumerate(wishes, start=1)
        )

    def write(self) -> None:
        """Insert everything."""
        ChoiceList.objects.bulk_create(self.lists, batch_size=1000)
        Choice.objects.bulk_create(self.choices, batch_size=1000)
