"""Laws that hold for every order."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from time import perf_counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.rules.earning import Basket, BasketLine, Context, earn, preview
from app.rules.programme import parse_programme
from connectors.contract import Line, OrderState
from tests.rules.builders import NOBODY, NOON, after, back, earned, order, programme, refund
from tests.rules.strategies import cents, documents, lines, orders, refunds

GOLD = Context(tier="gold")
settled = orders(with_refunds=False, currency="EUR", status="completed", paid="full", test=False, completed_at=NOON)
MANY = settings(max_examples=max(100, settings.default.max_examples))


@MANY
@given(settled, documents, refunds, refunds)
def test_a_further_refund_never_earns_points(state, document, first, second):
    rules = parse_programme(document)
    fewer = earn(replace(state, refunds=first), rules, GOLD)
    more = earn(replace(state, refunds=(*first, *second)), rules, GOLD)
    assert 0 <= more.target <= fewer.target


@MANY
@given(settled, documents, st.booleans())
def test_refunding_every_unit_and_charge_leaves_nothing(state, document, with_amounts):
    document["earning"].setdefault("basis", {}).update(shipping=False, tips=False, duties=False, fees=False)
    nets = {each.id: str(each.gross - each.discount) if with_amounts else None for each in state.lines}
    everything = refund(*(back(each.quantity, nets[each.id], each.id) for each in state.lines))
    assert earn(after(state, everything), parse_programme(document), GOLD).target == 0


@MANY
@given(settled, documents)
def test_refunding_all_the_money_leaves_nothing(state, document):
    assume(not state.charges)
    money = str(sum((each.gross for each in state.lines), Decimal(0)))
    assert earn(after(state, refund(money=money)), parse_programme(document), GOLD).target == 0


@MANY
@given(st.lists(st.tuples(st.integers(1, 5), cents, cents), min_size=1, max_size=3), st.randoms())
def test_unit_by_unit_refunds_neither_lose_nor_invent(rows, shuffled):
    bought = order(
        *(
            Line(id=str(number), quantity=quantity, gross=price * quantity, discount=min(discount, price * quantity))
            for number, (quantity, price, discount) in enumerate(rows)
        )
    )
    units = [each.id for each in bought.lines for _ in range(each.quantity)]
    shuffled.shuffle(units)
    seen = [earned(bought).target]
    for count in range(1, len(units) + 1):
        one_by_one = after(bought, *(refund(back(1, None, unit)) for unit in units[:count]))
        at_once = after(bought, refund(*(back(units[:count].count(each.id), None, each.id) for each in bought.lines)))
        assert earned(one_by_one).lines == earned(at_once).lines
        seen.append(earned(one_by_one).target)
    posted = [later - earlier for earlier, later in pairwise(seen)]
    assert all(step <= 0 for step in posted)
    assert sum(posted) == -seen[0]


@MANY
@given(settled, documents, refunds, st.randoms())
def test_the_sequence_of_lines_and_refunds_does_not_matter(state, document, given_back, shuffled):
    state = replace(state, refunds=given_back)
    shuffled_lines, shuffled_refunds = list(state.lines), list(given_back)
    shuffled.shuffle(shuffled_lines)
    shuffled.shuffle(shuffled_refunds)
    turned = replace(state, lines=tuple(shuffled_lines), refunds=tuple(shuffled_refunds))
    ours, theirs = (earn(each, parse_programme(document), GOLD) for each in (state, turned))
    assert (ours.target, set(ours.flags), ours.kept_basis) == (theirs.target, set(theirs.flags), theirs.kept_basis)
    assert {each.id: each for each in ours.lines} == {each.id: each for each in theirs.lines}


@st.composite
def carts(draw: st.DrawFn) -> tuple[Basket, OrderState]:
    """A basket, and the order it becomes when it is bought unchanged at the prices displayed."""
    bought = [draw(lines(number + 1, kinds=("item", "item", "gift_card"))) for number in range(draw(st.integers(0, 3)))]
    bought = [replace(each, removed=0) for each in bought]
    currency, included = draw(st.sampled_from(["EUR", "JPY", "CHF"])), draw(st.booleans())
    basket = Basket(
        currency=currency,
        prices_include_tax=included,
        lines=[
            BasketLine(
                quantity=each.quantity,
                unit_price=each.gross / (each.quantity or 1),
                discount=each.discount,
                product_id=each.product_id,
                variant_id=each.variant_id,
                tags=each.tags,
                collections=each.collections,
                vendor=each.vendor,
                gift_card=each.kind == "gift_card",
            )
            for each in bought
        ],
    )
    state = order(currency=currency, prices_include_tax=included, status="completed", completed_at=NOON)
    return basket, replace(state, lines=tuple(bought), delivered_at=NOON)


@MANY
@given(carts(), documents, st.sampled_from([None, "entry", "gold"]), st.none() | st.integers(0, 300))
def test_the_promise_is_the_award(cart, document, tier, room):
    basket, state = cart
    document["earning"].get("basis", {}).pop("tax", None)  # switched tax is the "about" case
    rules, context = parse_programme(document), Context(tier=tier)
    promised = preview(basket, rules, context, now=NOON, room=room)
    awarded = earn(state, rules, context, room=room)
    assert (promised.target, promised.bonuses) == (awarded.target, awarded.bonuses)
    assert [each.points_exact for each in promised.lines] == [each.points_exact for each in awarded.lines]
    assert promised.about is awarded.about is ("no_rate" in awarded.flags)


def numbers_in(value: object):
    if isinstance(value, Fraction | float | int | Decimal):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from numbers_in(getattr(value, each.name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from numbers_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from numbers_in(each)


@MANY
@given(orders(), documents)
def test_no_float_comes_out_and_explanations_hold_only_whole_numbers_and_strings(state, document):
    seen = earn(state, parse_programme(document), GOLD)
    assert not any(isinstance(each, float) for each in numbers_in(seen))
    assert all(isinstance(each, int) for each in numbers_in(seen.explanation))


@MANY
@given(orders(), documents)
def test_the_same_arguments_give_the_same_answer_and_change_nothing(state, document):
    rules = parse_programme(document)
    before = rules.to_document()
    assert earn(state, rules, NOBODY) == earn(state, rules, NOBODY)
    assert rules.to_document() == before


def test_ten_thousand_rules_cost_a_line_no_more_than_ten():
    def seconds(count: int) -> float:
        rules = programme(
            products=[{"key": str(n), "match": {"tag": f"t{n}"}, "multiplier": "2"} for n in range(count)]
        )
        state = order(*(replace(each, tags=("t3", "t7")) for each in order().lines))
        earned(state, rules)  # compiled once
        begun = perf_counter()
        for _ in range(200):
            earned(state, rules)
        return perf_counter() - begun

    assert min(seconds(10_000) for _ in range(3)) < 5 * min(seconds(10) for _ in range(3))
