"""The earn table: what one unit of a product earns, written so that a shop's own page can work it out.

Integers only, for readers that have nothing else. Where the answer hangs on more than product, price and tier, the
table says so (`ask`), and its reader asks. `until`: from then on it may be wrong. A member's own booster for the next
order is no part of it: no public answer knows of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.compiled import ExactCampaign
from app.rules.document import PointsNames, Tier, Who
from app.rules.earning import asks_for_country
from app.rules.eligibility import asks_of_people
from app.rules.experiments import drawn
from app.rules.factors import Multiplier, Occasion, campaigns_in_force, factor_of, order_multipliers
from app.rules.money import decimals_of, exact, text_of
from app.rules.people import MemberFacts
from app.rules.product_rules import KINDS, ExactRate, Group, Rule, RuleIndex
from app.rules.programme import Programme
from app.rules.when import Window
from app.rules.words import LANGUAGES, Words, words

MOST_BYTES = 15_000  # 16 KB is what every platform keeps in one field
MOST_FACTORS = 2_000  # tiers × multipliers of products
DEAREST = 10**9  # in minor units: up to such a price no reader's sum passes 2^63
_LARGEST = 2**61
_NO_ANSWER: Mapping[str, Any] = {"rates": {}, "digits": {}, "rules": [], "factors": {}}

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Occasions:
    """When a table is for. `next_version_at`: when another version comes into effect."""

    at: datetime
    zone: ZoneInfo
    next_version_at: datetime | None = None


def earn_table(
    version: int,
    programme: Programme,
    when: Occasions,
    languages: Iterable[str] = LANGUAGES,
    *,
    hidden: bool = False,
) -> Table:
    """Return the table of a programme in effect. `hidden`: with tiers that not everyone may know of."""
    tiers = [tier for tier in programme.tiers[1:] if hidden or not tier.hidden]
    table = _table(version, programme, when, tiers)
    table["text"] = texts(programme.points_name, languages)
    if not table["ask"] and _bytes_of(table) > MOST_BYTES:
        table |= {"ask": True, **_NO_ANSWER}
    return table


def _bytes_of(table: Table) -> int:
    return len(json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode())


def no_table(when: Occasions) -> Table:
    """Return the table while no programme is in effect: nothing is drawn."""
    table = _blank(0, when) | {"cap": None, "bonus": 0, "rounding": "floor", "gift_cards": False}
    return {**table, "entry": None, "tiers": {}, "text": {}}


def _blank(version: int, when: Occasions, until: datetime | None = None) -> Table:
    moments = [each for each in (when.next_version_at, until) if each is not None]
    ends = int(min(moments).timestamp()) if moments else None
    return {"v": 1, "version": version, "until": ends, "ask": False, **_NO_ANSWER}


def _table(version: int, programme: Programme, when: Occasions, tiers: Sequence[Tier]) -> Table:
    earning, known = programme.earning, programme.tiers
    table = _blank(version, when, _changes_at(programme, when)) | {
        "rounding": earning.rounding,
        "cap": earning.caps.order,
        "bonus": 0,
        "gift_cards": earning.basis.gift_cards,
        "entry": known[0].key if known else None,
        "tiers": {tier.key: _told(tier) for tier in (*known[:1], *tiers)},
    }
    if not programme.phase.earns:
        return table
    found = None if _hangs_on_more(programme, when) else _answers(programme, when, tiers)
    return table | {"ask": True} if found is None else table | found


def _told(tier: Tier) -> dict[str, str]:
    return {
        "name": tier.name or tier.key,
        "factor": "1" if tier.multiplier is None else text_of(exact(tier.multiplier)),
    }


# --- when and for whom it holds ---------------------------------------------------------------------------------------


def _changes_at(programme: Programme, when: Occasions) -> datetime | None:
    """Return when campaigns or experiments next change what there is to draw."""
    campaigns = [each.window for each in _public(programme)]
    trials = [Window(each.from_, each.to) for each in programme.experiments]
    moments = (each.changes_at(when.at, when.zone) for each in (*campaigns, *trials))
    return min((each for each in moments if each is not None), default=None)


def _public(programme: Programme) -> list[ExactCampaign]:
    """Return the campaigns that need no discount code: the others wait for the cart."""
    return [each for each in programme.compiled.campaigns if each.coupon is None]


def _hangs_on_more(programme: Programme, when: Occasions) -> bool:
    """Tell whether what is drawn depends on more than product, price and tier just now; some visitors see no points."""
    earning, rules = programme.earning, programme.compiled
    return bool(
        earning.basis.tax != "displayed"
        or earning.caps.member
        or rules.bands
        or rules.segments
        or asks_of_people(programme.eligibility)
        or asks_for_country(programme)
        or drawn(programme.experiments, when.at)
        or any(_is_special(each) for each in _public(programme) if each.runs_at(when.at, when.zone))
    )


def _is_special(campaign: ExactCampaign) -> bool:
    who = campaign.who
    return campaign.limited or campaign.min_basis is not None or (who is not None and who != Who(tiers=who.tiers))


# --- what it says -----------------------------------------------------------------------------------------------------


def _answers(programme: Programme, when: Occasions, tiers: Sequence[Tier]) -> Table | None:
    """Return rates, rules and factors; None: they cannot be told."""
    entry = programme.tiers[0].key if programme.tiers else None
    keys = {"": entry, **{tier.key: tier.key for tier in tiers}}
    running = {name: _running(programme, when, key) for name, key in keys.items()}
    bonuses = {sum(each.bonus for each in campaigns) for campaigns in running.values()}
    index = programme.compiled.rules
    values = _multipliers(index)
    if len(bonuses) > 1 or len(keys) * (len(values) + 1) > MOST_FACTORS:
        return None
    factors = {name: _factors(programme, keys[name], running[name], values) for name in keys}
    rates = {code: _per_minor(rate, code) for code, rate in programme.compiled.rates.items()}
    rules = [
        _rule(rule, kind, name, programme.currency, values) for rule, kind, name in _rules(programme.compiled.rules)
    ]
    answer = {
        "bonus": bonuses.pop(),
        "rates": {code: _pair(rate) for code, rate in rates.items()},
        "digits": {code: decimals_of(code) for code in rates},
        "rules": rules,
        "factors": {name: [_pair(each) for each in row] for name, row in factors.items()},
    }
    return answer if _fits(answer) else None


def _running(programme: Programme, when: Occasions, tier: str | None) -> list[ExactCampaign]:
    member = MemberFacts(tier=tier)
    occasion = Occasion(when.at, when.zone, None, member, segments=(), market=None, codes=(), places={})
    return campaigns_in_force(programme.compiled, occasion)


def _factors(
    programme: Programme, tier: str | None, running: Sequence[ExactCampaign], values: Sequence[Fraction]
) -> list[Fraction]:
    """Return a tier's factor without a multiplier of a product, and with each of them."""
    of_order = order_multipliers(programme.compiled, tier, (), running, None)
    with_each = [(*of_order, Multiplier("product", "", value)) for value in values]
    return [factor_of(programme.earning.stacking, each) for each in (of_order, *with_each)]


def _groups(index: RuleIndex) -> Iterator[tuple[str, str, Group]]:
    """Yield the rules that match the same thing, with its kind and name; none for every product."""
    for kind, table in zip(KINDS, index.tables, strict=False):  # without rules there are no tables
        yield from ((kind, name, group) for name, group in table.items())
    if index.for_all is not None:
        yield "", "", index.for_all


def _multipliers(index: RuleIndex) -> list[Fraction]:
    found = [group.multiplying.multiplier for _, _, group in _groups(index) if group.multiplying is not None]
    return sorted({each for each in found if each is not None})


def _rules(index: RuleIndex) -> Iterator[tuple[Rule, str, str]]:
    """Yield the rules that can have a say, the most specific first, with what they match."""
    found = {
        rule.rank: (rule, kind, name)
        for kind, name, group in _groups(index)
        for rule in (*group.excluding[:1], group.rate, group.multiplying, group.giving)
        if rule is not None
    }
    yield from (found[rank] for rank in sorted(found))


def _rule(rule: Rule, kind: str, name: str, currency: str, values: Sequence[Fraction]) -> Table:
    told: Table = {kind: name} if kind else {}
    if rule.exclude:
        return told | {"exclude": True}
    if rule.rate is not None:
        told["rates"] = {currency: _pair(_per_minor(rule.rate, currency))}
    if rule.multiplier in values:
        told["m"] = values.index(rule.multiplier) + 1
    return told | ({"bonus": rule.bonus} if rule.bonus else {})


def _per_minor(rate: ExactRate, currency: str) -> Fraction:
    return rate.value / int(10 ** decimals_of(currency))


def _pair(number: Fraction) -> list[int]:
    return list(number.as_integer_ratio())


def _fits(answer: Table) -> bool:
    """Tell whether every reader's integers hold every sum."""
    factors = [pair for row in answer["factors"].values() for pair in row]
    rates = [*answer["rates"].values(), *(pair for rule in answer["rules"] for pair in rule.get("rates", {}).values())]
    most = [max((pair[side] for pair in pairs), default=1) for pairs in (rates, factors) for side in (0, 1)]
    bonuses = [answer["bonus"], *(rule.get("bonus", 0) for rule in answer["rules"])]
    sums = (100 * DEAREST * most[0] * most[2], 100 * most[1] * most[3], max(bonuses))
    return all(each < _LARGEST for each in sums)


# --- in words ---------------------------------------------------------------------------------------------------------


def texts(names: PointsNames, languages: Iterable[str]) -> dict[str, Any]:
    """Return the sentences by language and plural category, with the merchant's names for points; unknown: none.

    `group` stands between thousands, `decimal` before decimals.
    """
    known = [each for each in dict.fromkeys(languages) if each.partition("-")[0].lower() in LANGUAGES]
    return {each: _text(words(each, names)) for each in known}


def _text(in_words: Words) -> dict[str, Any]:
    said, symbols = in_words.texts["widget"], in_words.locale.number_symbols
    categories = sorted({*in_words.locale.plural_form.tags, "other"})
    points = {each: f"{{n}} {in_words.name(each)}" for each in categories}
    return {
        **{name: str(symbols.get("latn", symbols)[name]) for name in ("group", "decimal")},
        "earn": {each: said["earn"].format(points=points[each]) for each in categories},
        "points": points,
        "cart": said["cart"],
        "times": said["times"],
    }
