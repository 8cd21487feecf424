"""The engine and the naive oracle agree on random orders under random programmes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.earning import Context, ProductFacts, earn
from app.rules.programme import parse_programme
from connectors.contract import DiscountCode
from tests.rules.builders import NOON
from tests.rules.oracle import naive_points
from tests.rules.strategies import countries, documents, names, orders_in_two_currencies, rich_documents, some_tags

product_facts = st.builds(
    ProductFacts,
    tags=st.lists(names, max_size=2),
    collections=st.lists(names, max_size=2),
    vendor=st.none() | names,
    band=st.none() | st.sampled_from(["b0", "b1", "gone"]),
)


@settings(max_examples=max(100, settings.default.max_examples))
@given(
    orders_in_two_currencies(),
    documents,
    st.sampled_from([None, "entry", "gold", "gone"]),
    st.dictionaries(st.sampled_from(["l0", "l1"]), product_facts, max_size=2),
    st.none() | st.integers(-5, 500),
    st.sampled_from([(), (("segment", "vip", "1.5"),)]),
    st.none() | st.integers(0, 20),
)
def test_engine_and_oracle_agree_to_the_point_and_to_the_fraction(state, document, tier, facts, room, extra, days):
    now = None if days is None else NOON + timedelta(days=days)
    ours = earn(state, parse_programme(document), Context(tier, (), facts), room=room, in_force=extra, now=now)
    theirs = naive_points(state, document, tier=tier, facts=facts, room=room, in_force=extra, now=now)
    assert (ours.target, ours.own_points) == (theirs["target"], theirs["own"])
    if theirs["lines"]:
        assert {each.id: (each.basis, each.factor, each.points_exact) for each in ours.lines} == theirs["lines"]
        assert ours.kept_basis == theirs["kept"]
    assert all(type(each.basis) is type(each.points_exact) is Fraction for each in ours.lines)


@settings(max_examples=max(100, settings.default.max_examples))
@given(
    orders_in_two_currencies(),
    rich_documents(),
    st.dictionaries(st.sampled_from(["l0", "l1"]), product_facts, max_size=2),
    st.sets(st.sampled_from(["s0", "s1"])),
    some_tags,
    st.sampled_from([None] * 9 + ["enrol"]),
    st.dictionaries(st.sampled_from(["k0", "k1"]), st.booleans()),
    st.none() | countries,
    st.lists(names.map(str.upper), max_size=2),
)
def test_they_agree_on_who_where_at_which_margin_and_by_which_code(
    state, document, facts, segments, tags, unmet, places, country, codes
):
    state = replace(state, country=country, discount_codes=tuple(DiscountCode(code=code) for code in codes))
    context = Context("entry", sorted(segments), facts, tags, unmet, places)
    ours = earn(state, parse_programme(document), context)
    theirs = naive_points(state, document, tier="entry", facts=facts, context=context)
    assert (ours.target, ours.own_points) == (theirs["target"], theirs["own"])
    if theirs["lines"]:
        assert {each.id: (each.basis, each.factor, each.points_exact) for each in ours.lines} == theirs["lines"]
