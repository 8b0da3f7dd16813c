"""A made-up country of learners and seats, as the engine's arrays: what the allocation benchmark is measured on.

Municipal areas of very unequal size; schools with classes of 25 that go out in one of their area's four week blocks;
workplaces with one to three slots, caps over their slots, sometimes over the year, and seats reserved for the own area.
Wishes are skewed towards popular and near trades, and differ between the sexes as prao wishes do. All of it is assumed
(no open register of prao wishes exists); every figure that is assumed stands as a constant here.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from placements.allocation import Problem, Wishes, rank_costs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

COUNTRY: Final = 252_000  # both year groups of Sweden
COUNTRY_AREAS: Final = 420
COUNTRY_KM: Final = (320.0, 900.0)  # where most people live
CLASS_SIZE: Final = 25
SCHOOL_SIZE: Final = 150
BLOCKS: Final = 15
BLOCKS_OF_AREA: Final = 4
TRADES: Final = 21
WISHES: Final = 6
SPREAD_KM: Final = 4.0
REACH_KM: Final = 21.0
SEATS: Final = ((1, 2, 3, 4, 6), (0.45, 0.30, 0.12, 0.08, 0.05))
OFFERED: Final = 0.75  # of its area's blocks a slot is open in
FALLBACK: Final = 34  # seats outside the wishes on the sparse graph
MINUTES_PER_KM: Final = 1.95
START_MINUTES: Final = 8.0
NEAR: Final = 0.08  # how fast a wish's appeal falls with each kilometre
RESERVED: Final = 0.3  # of the slots with at least two seats
YEAR_CAPPED: Final = 0.25


@dataclass(frozen=True, eq=False)
class Market:
    """Who and what there is. Areas, schools and slots by number; kilometres in the plane.

    | field | shape | meaning |
    |---|---|---|
    | `school`, `block`, `sex` | [n] | of each learner |
    | `school_at`, `school_area` | [schools, 2], [schools] | |
    | `slot_at`, `slot_area`, `slot_trade`, `slot_seats`, `slot_reserved`, `workplace` | [slots] | |
    | `open_in` | [slots, blocks] | whether the slot is offered then |
    """

    school: Ints
    block: Ints
    sex: Ints
    school_at: Floats
    school_area: Ints
    slot_at: Floats
    slot_area: Ints
    slot_trade: Ints
    slot_seats: Ints
    slot_reserved: Ints
    workplace: Ints
    open_in: NDArray[np.bool_]

    @property
    def n_learners(self) -> int:
        return len(self.school)

    def near(self, school: int, slots: Ints) -> Floats:
        """Kilometres from a school to each of the slots."""
        return np.hypot(*(self.slot_at[slots] - self.school_at[school]).T)


@dataclass(frozen=True, eq=False)
class Instance:
    """A market as a problem, and the wishes behind its rank costs; `wished` [n, WISHES] as slots, −1 for none."""

    problem: Problem
    wishes: Wishes
    wished: Ints


def make_market(learners: int, *, scarcity: float = 1.0, seed: int = 1) -> Market:
    """Draw a market with about `scarcity` seats for each learner in each area and block."""
    dice = np.random.default_rng(seed)
    areas = max(2, round(COUNTRY_AREAS * learners / COUNTRY))
    share = dice.lognormal(0, 0.9, areas)
    size = np.maximum(1, (share / share.sum() * learners).astype(np.int64))
    size[np.argmax(size)] += learners - size.sum()
    kilometres = np.array(COUNTRY_KM) * np.sqrt(learners / COUNTRY)
    centre = dice.random((areas, 2)) * kilometres
    blocks = np.argsort(dice.random((areas, BLOCKS)), axis=1)[:, :BLOCKS_OF_AREA]
    schools = -(-size // SCHOOL_SIZE)
    school_area = np.repeat(np.arange(areas), schools)
    school_at = centre[school_area] + dice.normal(0, SPREAD_KM, (len(school_area), 2))

    area = np.repeat(np.arange(areas), size)
    within = np.arange(learners) - np.repeat(np.cumsum(size) - size, size)
    school = (np.cumsum(schools) - schools)[area] + within % schools[area]
    class_number = within // schools[area] // CLASS_SIZE + within % schools[area]
    slots = _slots(dice, size, centre, scarcity)
    slot_area = slots["area"]
    open_in = np.zeros((len(slot_area), BLOCKS), np.bool_)
    offered = dice.random((len(slot_area), BLOCKS_OF_AREA)) < OFFERED
    np.put_along_axis(open_in, blocks[slot_area], offered, axis=1)
    return Market(
        school=school,
        block=blocks[area, class_number % BLOCKS_OF_AREA],
        sex=dice.integers(0, 2, learners),
        school_at=school_at,
        school_area=school_area,
        slot_at=centre[slot_area] + dice.normal(0, SPREAD_KM, (len(slot_area), 2)),
        slot_area=slot_area,
        slot_trade=slots["trade"],
        slot_seats=slots["seats"],
        slot_reserved=slots["reserved"],
        workplace=slots["workplace"],
        open_in=open_in,
    )


def _slots(dice: np.random.Generator, size: Ints, centre: Floats, scarcity: float) -> dict[str, Ints]:
    mean_seats = float(np.dot(*map(np.array, SEATS)))
    luck = dice.lognormal(0, 0.2, len(size))
    luck *= size.sum() / (luck * size).sum()
    count = np.maximum(1, np.round(size / BLOCKS_OF_AREA * scarcity * luck / mean_seats / OFFERED)).astype(np.int64)
    area = np.repeat(np.arange(len(centre)), count)
    total = len(area)
    seats = dice.choice(np.array(SEATS[0]), total, p=np.array(SEATS[1]))
    first_of_workplace = dice.random(total) < 0.6
    first_of_workplace |= np.diff(area, prepend=-1) > 0
    trade = dice.choice(TRADES, total, p=_supply_of_trades())
    return {
        "area": area,
        "seats": seats.astype(np.int64),
        "reserved": ((seats > 1) & (dice.random(total) < RESERVED)).astype(np.int64),
        "workplace": np.cumsum(first_of_workplace) - 1,
        "trade": trade.astype(np.int64),
    }


def _supply_of_trades() -> Floats:
    offered = np.linspace(1.0, 3.0, TRADES)
    return offered / offered.sum()


def _appeal_of_trades() -> Floats:
    """How much each sex likes each trade, as exponents; [2, trades]. The most wished for are the least offered."""
    common = np.linspace(2.2, 0.0, TRADES)
    typical = np.cos(np.arange(TRADES) * 2.4)
    return np.array([common + typical, common - typical])


def make_instance(market: Market, *, full_graph: bool = False, seed: int = 1) -> Instance:
    """Give each learner an arc to every seat in reach (`full_graph`), or to the wishes and some other seats."""
    dice = np.random.default_rng(seed)
    nodes = _Nodes.of(market)
    parts = []
    wished = np.full((market.n_learners, WISHES), -1)
    order = np.lexsort((market.block, market.school))
    cut = np.flatnonzero(np.diff(market.school[order]) | np.diff(market.block[order])) + 1
    appeal = _appeal_of_trades()
    areas_near = _areas_near(market)
    for group in np.split(order, cut):
        school, block = int(market.school[group[0]]), int(market.block[group[0]])
        own_area = market.school_area[school]
        slots = np.concatenate([nodes.open_slots[near, block] for near in areas_near[own_area]])
        distance = market.near(school, slots)
        slots, distance = slots[distance <= REACH_KM], distance[distance <= REACH_KM]
        if len(slots):
            seat = nodes.seat(slots, block, own=market.slot_area[slots] == own_area)
            best = _best(dice, market, group, slots, distance, appeal)
            wished[group, : best.shape[1]] = slots[best]
            parts.append(_arcs(dice, group, seat, distance, best, full_graph=full_graph))
    learner, seat, wish, minutes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    made = np.bincount(learner[wish > 0], minlength=market.n_learners)
    made[made == 0] = WISHES
    sort = np.lexsort((seat, learner))
    learner, seat, wish, minutes = learner[sort], seat[sort], wish[sort], minutes[sort]
    problem = Problem(
        n_learners=market.n_learners,
        learner=learner,
        seat=seat.astype(np.int32),
        levels=np.array([rank_costs(wish, made[learner]), minutes]),
        cap_tail=nodes.cap_tail,
        cap_head=nodes.cap_head,
        cap_seats=nodes.cap_seats,
        seat_key=np.arange(nodes.n_seats).astype(np.bytes_),
    )
    arc = np.flatnonzero(wish)
    wishes = Wishes(learner[arc].astype(np.int64), wish[arc].astype(np.int64), arc, np.zeros_like(arc))
    return Instance(problem, wishes, wished)


def _best(
    dice: np.random.Generator, market: Market, group: Ints, slots: Ints, distance: Floats, appeal: Floats
) -> Ints:
    """The wishes of learners who share school and block, best first, as positions in `slots`.

    By trade, distance and taste; Gumbel noise makes it a draw by weight.
    """
    liking = appeal[market.sex[group]][:, market.slot_trade[slots]] - NEAR * distance
    liking += dice.gumbel(size=liking.shape)
    return np.argsort(-liking, axis=1)[:, :WISHES]


def _arcs(
    dice: np.random.Generator, group: Ints, seat: Ints, distance: Floats, best: Ints, *, full_graph: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.int16]]:
    """Columns of these learners' arcs: learner, seat node, wish number or 0, minutes of travel."""
    shape, count = (len(group), len(seat)), best.shape[1]
    wish = np.zeros(shape, np.int8)
    np.put_along_axis(wish, best, np.arange(1, count + 1, dtype=np.int8)[np.newaxis, :], axis=1)
    keep = np.ones(shape, np.bool_)
    if not full_graph:
        keep = (wish > 0) | (dice.random(shape) < FALLBACK / max(1, len(seat) - count))
    row, column = np.nonzero(keep)
    minutes = (START_MINUTES + MINUTES_PER_KM * distance).astype(np.int16)
    return group[row].astype(np.int32), seat[column].astype(np.int32), wish[row, column], minutes[column]


def _areas_near(market: Market) -> list[Ints]:
    """For each area those whose slots may be in reach, itself included."""
    areas = int(market.school_area.max()) + 1
    middle = np.array([market.school_at[market.school_area == area].mean(axis=0) for area in range(areas)])
    reach = REACH_KM + 4 * SPREAD_KM
    return [np.flatnonzero(np.hypot(*(middle - centre).T) <= reach) for centre in middle]


@dataclass(frozen=True, eq=False)
class _Nodes:
    """Seat nodes (slot × block, twice where seats are reserved) and the capacities above them.

    A reserved slot has a node for its own area, with its own seats and a spill into the pool, and the pool's node.
    """

    n_seats: int
    first: Ints  # [slots, blocks] pool node, −1 where closed
    own: Ints  # [slots, blocks] the own area's node
    open_slots: dict[tuple[int, int], Ints]
    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints

    def seat(self, slots: Ints, block: int, *, own: NDArray[np.bool_]) -> Ints:
        return np.where(own, self.own[slots, block], self.first[slots, block])

    @classmethod
    def of(cls, market: Market) -> "_Nodes":
        slot, block = np.nonzero(market.open_in)
        reserved = market.slot_reserved[slot]
        held = np.flatnonzero(reserved)
        pool = np.arange(len(slot))
        own = pool.copy()
        own[held] = len(slot) + np.arange(len(held))
        n_seats = len(slot) + len(held)
        whole = n_seats + np.arange(len(held))  # all the seats of a reserved slot in a block
        place = market.workplace[slot] * BLOCKS + block
        places, at_place = np.unique(place, return_inverse=True)
        seats = market.slot_seats[slot]
        seats_of_place = np.bincount(at_place, seats, len(places)).astype(np.int64)
        seats_of_year = np.bincount(market.workplace[slot], seats).astype(np.int64)
        # Only caps that can bind get a node: a third of the workplaces' in a block, and some workplaces' over the year.
        tight = np.flatnonzero((places % 3 == 0) & (seats_of_place > 1))
        capped = np.flatnonzero(np.arange(len(seats_of_year)) * 37 % 100 < YEAR_CAPPED * 100)
        year_node = np.full(len(seats_of_year), -1)
        year_node[capped] = n_seats + len(held) + len(tight) + np.arange(len(capped))
        place_up = year_node[places // BLOCKS]
        place_node = place_up.copy()
        place_node[tight] = n_seats + len(held) + np.arange(len(tight))
        up = place_node[at_place]
        plain = np.ones(len(slot), np.bool_)
        plain[held] = False
        rows = [
            (pool[plain], up[plain], seats[plain]),
            (pool[held], whole, seats[held] - reserved[held]),
            (own[held], whole, reserved[held]),
            (own[held], pool[held], seats[held]),
            (whole, up[held], seats[held]),
            (place_node[tight], place_up[tight], seats_of_place[tight] - 1),
            (year_node[capped], np.full(len(capped), -1), -(-seats_of_year[capped] * 6 // 10)),
        ]
        tail, head, cap = (np.concatenate([row[column] for row in rows]) for column in range(3))
        first, mine = np.full(market.open_in.shape, -1), np.full(market.open_in.shape, -1)
        first[slot, block], mine[slot, block] = pool, own
        return cls(n_seats, first, mine, _open_slots(market, slot, block), tail, head, cap)


def _open_slots(market: Market, slot: Ints, block: Ints) -> dict[tuple[int, int], Ints]:
    areas = int(max(market.slot_area.max(), market.school_area.max())) + 1
    key = market.slot_area[slot] * BLOCKS + block
    order = np.argsort(key, kind="stable")
    ends = np.searchsorted(key[order], np.arange(areas * BLOCKS + 1))
    return {
        (place // BLOCKS, place % BLOCKS): slot[order[ends[place] : ends[place + 1]]] for place in range(areas * BLOCKS)
    }
