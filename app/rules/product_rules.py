"""What is different for some products: rules found by what they match, and what they say of a line together.

Looking a line up costs as much as the line has tags and collections, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter

from app.rules.document import Match, ProductRule, Rate
from app.rules.money import exact
from app.rules.order import Facts, OrderLine

KINDS = ("variant", "product", "collection", "tag", "vendor")  # from the most specific to the least
MOST_PLANS = 10_000  # kept for reuse; lines alike share one


@dataclass(frozen=True, slots=True)
class ExactRate:
    value: Fraction  # points per whole currency unit
    points: str
    per: str
    rule: str | None = None  # the product rule it comes from
    market: str | None = None  # or the market

    @classmethod
    def of(cls, rate: Rate, rule: str | None = None, market: str | None = None) -> ExactRate:
        return cls(exact(rate.points) / exact(rate.per), f"{rate.points:f}", f"{rate.per:f}", rule, market)


@dataclass(frozen=True, slots=True)
class Rule:
    key: str
    rank: int
    exclude: bool
    rate: ExactRate | None
    multiplier: Fraction | None
    bonus: int


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What the product rules say of one line."""

    excluded: bool = False
    rate: ExactRate | None = None
    multiplier: Fraction | None = None
    multiplier_key: str = ""
    bonus: int = 0
    bonus_key: str = ""
    rules: tuple[str, ...] = ()  # keys of those that had a say


NO_RULES = LinePlan()
_rank = attrgetter("rank")


@dataclass(frozen=True, slots=True)
class Group:
    """The rules that match the same thing, as far as they can have a say: the best one for each of three answers."""

    number: int
    excluding: tuple[Rule, ...]
    rate: Rule | None
    multiplying: Rule | None
    giving: Rule | None

    @classmethod
    def of(cls, number: int, rules: Sequence[Rule]) -> Group:
        return cls(
            number,
            tuple(rule for rule in rules if rule.exclude),
            next((rule for rule in rules if rule.rate is not None), None),
            next((rule for rule in rules if rule.multiplier is not None), None),
            next((rule for rule in rules if rule.bonus), None),
        )


Table = Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class RuleIndex:
    """Product rules by what they match: a table for each of KINDS, and those for every product.

    What a line is worth looking up depends on its own tags and collections alone, however many rules there are.
    """

    tables: tuple[Table, ...]
    for_all: Group | None
    plans: dict[tuple[int, ...], LinePlan] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, rules: Iterable[ProductRule]) -> RuleIndex:
        ordered = sorted(rules, key=lambda rule: (_specificity(rule.match), -rule.priority, rule.key))
        matching: dict[tuple[int, str], list[Rule]] = {}
        for rank, rule in enumerate(ordered):
            place = _specificity(rule.match)
            name = getattr(rule.match, KINDS[place]) if place < len(KINDS) else ""
            matching.setdefault((place, name), []).append(_exact_rule(rule, rank))
        tables: tuple[dict[str, Group], ...] = tuple({} for _ in (*KINDS, "all"))
        for number, ((place, name), alike) in enumerate(matching.items()):
            tables[place][name] = Group.of(number, alike)
        return cls(tables[: len(KINDS)] if ordered else (), tables[-1].get(""))

    @property
    def empty(self) -> bool:
        return not self.tables

    def plan(self, line: OrderLine, facts: Facts) -> LinePlan:
        """Return what the rules say of the line, with these facts about its product."""
        variants, products, collections, tags, vendors = self.tables  # a caller without rules does not ask
        named = [
            variants.get(line.variant_id or ""),
            products.get(line.product_id or ""),
            *([collections.get(name) for name in facts.collections] if collections else ()),
            *([tags.get(name) for name in facts.tags] if tags else ()),
            vendors.get(facts.vendor or ""),
            self.for_all,
        ]
        found = [group for group in named if group is not None]
        if not found:
            return NO_RULES
        key = tuple([group.number for group in found])
        known = self.plans.get(key)
        return self._decide(key, found) if known is None else known

    def _decide(self, key: tuple[int, ...], found: Sequence[Group]) -> LinePlan:
        if len(self.plans) >= MOST_PLANS:
            self.plans.clear()
        self.plans[key] = decided = _decide(found)
        return decided


def _decide(found: Sequence[Group]) -> LinePlan:
    """Take rate, multiplier and bonus each from the best rule that has one; any exclusion excludes."""
    excluding = sorted({rule for group in found for rule in group.excluding}, key=_rank)
    rate = min((group.rate for group in found if group.rate), key=_rank, default=None)
    multiplying = min((group.multiplying for group in found if group.multiplying), key=_rank, default=None)
    giving = min((group.giving for group in found if group.giving), key=_rank, default=None)
    deciding = excluding or [rule for rule in (rate, multiplying, giving) if rule is not None]
    return LinePlan(
        excluded=bool(excluding),
        rate=rate.rate if rate else None,
        multiplier=multiplying.multiplier if multiplying else None,
        multiplier_key=multiplying.key if multiplying else "",
        bonus=giving.bonus if giving else 0,
        bonus_key=giving.key if giving else "",
        rules=tuple(dict.fromkeys(rule.key for rule in deciding)),
    )


def _specificity(match: Match) -> int:
    return next((place for place, kind in enumerate(KINDS) if getattr(match, kind) is not None), len(KINDS))


def _exact_rule(rule: ProductRule, rank: int) -> Rule:
    rate = None if rule.rate is None else ExactRate.of(rule.rate, rule.key)
    multiplier = None if rule.multiplier is None else exact(rule.multiplier)
    return Rule(rule.key, rank, rule.exclude, rate, multiplier, rule.bonus)
