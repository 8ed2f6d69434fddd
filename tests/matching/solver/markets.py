"""Random markets for property tests: small enough for brute force or middle-sized, with every rule on."""

from __future__ import annotations

import random

from matching.problem import Equity, Host, Limit, Market, MarketError, Pair, Slot, Student, Together


def random_market(
    seed: int, students: int = 5, slots: int = 4, *, conditions: bool = False, density: float = 0.6, rules: bool = True
) -> Market:
    """A market drawn from ``seed`` alone. ``conditions`` adds together, minimums and limits that may cross."""
    draw = random.Random(seed)
    n, m = draw.randint(1, students), draw.randint(1, slots)
    people = tuple(
        Student(
            f"s{i}",
            {"school": draw.choice("AB"), **({"rep": draw.choice("01")} if draw.random() < 0.9 else {})},
            draw.choice((0, 0, 0, 1)) if rules else 0,
        )
        for i in range(n)
    )
    people = tuple(
        Student(s.id, {**s.groups, "class": s.groups["school"] + draw.choice("xy")}, s.priority) for s in people
    )
    hosts = tuple(
        Host(
            f"h{k}",
            draw.choice((None, 1, 2)) if rules else None,
            draw.choice((None, 1, {"w1": 1}, {"w2": 0})) if rules and draw.random() < 0.4 else None,
        )
        for k in range(2)
    )
    places = []
    for j in range(m):
        capacity = draw.choice((0, 1, 1, 1, 2, 3))
        minimum = draw.randint(0, capacity) if conditions and draw.random() < 0.4 else 0
        places.append(Slot(f"t{j}", f"o{j % 3}", f"h{draw.randrange(2)}", draw.choice(("w1", "w2")), capacity, minimum))
    pairs = []
    for i in range(n):
        rank = 0
        order = list(range(m))
        draw.shuffle(order)
        for j in order:
            if draw.random() < density:
                ranked = draw.random() < 0.7
                rank += ranked
                pairs.append(
                    Pair(
                        f"s{i}",
                        f"t{j}",
                        round(draw.random(), 2) if draw.random() < 0.8 else None,
                        rank if ranked else None,
                        draw.random() < 0.85,
                    )
                )
    draw.shuffle(pairs)
    pinned, forbidden, together, limits, equity = [], [], [], [], []
    if rules:
        pinned = [(f"s{draw.randrange(n)}", f"t{draw.randrange(m)}")] if draw.random() < 0.25 else []
        forbidden = [(p.student, p.slot) for p in pairs if draw.random() < 0.08 and (p.student, p.slot) not in pinned]
        if draw.random() < 0.5:
            limits.append(Limit("class", draw.choice((0, 1, 1, 2)), None, None))
        if draw.random() < 0.4:
            limits.append(
                Limit(
                    "school",
                    draw.choice((1, 2)),
                    draw.choice((None, f"t{draw.randrange(m)}")),
                    draw.choice((None, "A")),
                )
            )
        if conditions and draw.random() < 0.4:
            limits.append(Limit("rep", 1))
        if conditions and n > 2:
            for a, b in {tuple(sorted(draw.sample(range(n), 2))) for _ in range(draw.randint(0, 2))}:
                together.append(Together(f"s{a}", f"s{b}", draw.random() < 0.5))
        if draw.random() < 0.5:
            equity.append(Equity("school", draw.choice(("floor", "convex"))))
        if draw.random() < 0.3:
            equity.append(Equity("rep", "floor", draw.choice((None, 0.5, 1.0)), draw.random() < 0.3))
    try:
        return Market(
            people,
            tuple(places),
            hosts,
            tuple(pairs),
            tuple(pinned),
            tuple(forbidden),
            tuple(together),
            tuple(limits),
            tuple(equity),
        )
    except MarketError:  # a pin or a group that this draw makes impossible
        return random_market(seed + 1_000_003, students, slots, conditions=conditions, density=density, rules=rules)
