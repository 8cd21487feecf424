"""Random programmes and orders, small enough that every rule meets every other."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from connectors.contract import Charge, Fulfilment, Line, OrderState, Refund, RefundLine
from tests.rules.builders import HOUR, NOON

cents = st.integers(0, 9999).map(lambda n: Decimal(n).scaleb(-2))
names = st.sampled_from(["a", "b", "c"])
multipliers = st.sampled_from(["0", "0.5", "1", "1.25", "2", "3"])
rates = st.fixed_dictionaries(
    {"points": st.sampled_from(["0", "0.5", "1", "7", "10", "12.5"]), "per": st.sampled_from(["1", "3", "10", "0.7"])}
)
flags = st.booleans()


def optional(**fields: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({}, optional=fields)


matches = st.one_of(
    st.just({}),
    *(st.builds(lambda kind, name: {kind: name}, st.just(kind), names) for kind in ("variant", "product", "tag")),
    *(st.builds(lambda kind, name: {kind: name}, st.just(kind), names) for kind in ("collection", "vendor")),
)


def keyed(rows: list[dict]) -> list[dict]:
    return [{**row, "key": f"k{number}"} for number, row in enumerate(rows)]


product_rules = st.lists(
    optional(
        match=matches,
        rate=rates,
        multiplier=multipliers,
        exclude=st.sampled_from([False, False, False, True]),
        bonus=st.integers(0, 50),
        priority=st.integers(-1, 1),
    ),
    max_size=5,
).map(keyed)
campaigns = st.lists(
    optional(
        multiplier=multipliers,
        bonus=st.integers(0, 50),
        min_basis=st.sampled_from(["0", "20.00", "50.00"]),
        to=st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z"]),
        **{"from": st.sampled_from(["2026-03-01T11:59:59Z", "2026-02-01T00:00:00+01:00"])},
    ),
    max_size=2,
).map(keyed)
documents = st.fixed_dictionaries(
    {
        "name": st.just("Club"),
        "currency": st.sampled_from(["EUR", "EUR", "USD"]),
        "earning": st.fixed_dictionaries(
            {"rate": rates},
            optional={
                "rates": st.one_of(st.just({}), rates.map(lambda rate: {"JPY": rate})),
                "rounding": st.sampled_from(["floor", "half_up", "ceil"]),
                "stacking": st.sampled_from(["add", "multiply", "best"]),
                "earn_on": st.sampled_from(["paid", "paid", "fulfilled", "completed", "delivered"]),
                "basis": optional(
                    tax=st.sampled_from(["displayed", "excluded", "included"]),
                    shipping=flags,
                    tips=flags,
                    duties=flags,
                    gift_cards=flags,
                    fees=flags,
                ),
                "products": product_rules,
                "caps": optional(order=st.integers(0, 1000)),
            },
        ),
    },
    optional={
        "campaigns": campaigns,
        "tiers": st.just([{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1", "multiplier": "2"}]),
    },
)


ALL_KINDS = ("item", "item", "item", "gift_card", "tip")
taxes = st.sampled_from([Decimal(0), Decimal("0.33"), Decimal("1.10")])
statuses = st.sampled_from(["paid", "part-paid", "processing", "fulfilled", "completed", "refunded", "cancelled"])


@st.composite
def lines(
    draw: st.DrawFn, number: int, *, kinds: tuple[str, ...] = ("item", "item", "item", "gift_card", "tip")
) -> Line:
    quantity = draw(st.integers(0, 4))
    gross = draw(cents) * quantity
    discount = min(gross, draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("1.37"), Decimal("5.00")])))
    return Line(
        id=f"l{number}",
        quantity=quantity,
        gross=gross,
        discount=discount,
        tax=draw(st.sampled_from([Decimal(0), Decimal("0.33"), Decimal("1.10")]))
        if gross - discount > 2
        else Decimal(0),
        kind=draw(st.sampled_from(kinds)),
        removed=draw(st.sampled_from([0, 0, 0, 1])) if quantity else 0,
        product_id=draw(st.none() | names),
        variant_id=draw(st.none() | names),
        tags=tuple(draw(st.lists(names, max_size=2))),
        collections=tuple(draw(st.lists(names, max_size=2))),
        vendor=draw(st.none() | names),
    )


refund_lines = st.builds(
    RefundLine,
    line_id=st.sampled_from(["l0", "l1", "l2", "elsewhere"]),
    quantity=st.integers(0, 2),
    amount=st.none() | cents,
)
by_lines = st.builds(
    Refund,
    id=st.just("r"),
    lines=st.lists(refund_lines, max_size=2).map(tuple),
    money=st.just(Decimal(0)) | st.sampled_from([Decimal("0.07"), Decimal("10")]),
    shipping=st.sampled_from([Decimal(0), Decimal(1), Decimal("4.90")]),
)
by_total = st.builds(Refund, id=st.just("t"), total=cents)
refunds = st.lists(st.one_of(by_lines, by_lines, by_total), max_size=3).map(tuple)
charges = st.lists(
    st.builds(
        Charge,
        kind=st.sampled_from(["shipping", "tip", "duty", "fee"]),
        amount=cents,
        tax=st.sampled_from([Decimal(0), Decimal("0.01")]),
    ),
    max_size=2,
).map(tuple)
fulfilments = st.lists(
    st.builds(
        Fulfilment,
        id=st.just("f"),
        created_at=st.integers(1, 9).map(lambda hours: NOON + hours * HOUR),
        updated_at=st.integers(10, 19).map(lambda hours: NOON + hours * HOUR),
        units=st.dictionaries(st.sampled_from(["l0", "l1", "l2"]), st.integers(0, 3), max_size=3),
        counts=flags,
        delivered=flags,
    ),
    max_size=2,
).map(tuple)
moments = st.none() | st.integers(1, 24 * 9).map(lambda hours: NOON + hours * HOUR)


@st.composite
def orders(draw: st.DrawFn, *, currency: str | None = None, with_refunds: bool = True, **fixed: object) -> OrderState:
    drawn = {
        "currency": currency or draw(st.sampled_from(["EUR", "EUR", "EUR", "USD", "JPY", "CHF"])),
        "prices_include_tax": draw(flags),
        "lines": tuple(draw(lines(number)) for number in range(draw(st.integers(0, 3)))),
        "charges": draw(charges),
        "order_discount": draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("3.33"), Decimal("500")])),
        "order_discount_tax": draw(st.sampled_from([Decimal(0), Decimal("0.5")])),
        "total": draw(st.none() | cents),
        "refunds": draw(refunds) if with_refunds else (),
        "all_refunded": draw(st.sampled_from([False] * 9 + [True])),
        "status": draw(statuses),
        "paid": draw(st.sampled_from(["full", "full", "part", "none"])),
        "paid_amount": draw(st.none() | cents),
        "paid_of": draw(st.none() | cents),
        "fulfilled_at": draw(moments),
        "delivered_at": draw(moments),
        "fulfilments": draw(fulfilments),
        "test": draw(st.sampled_from([False] * 9 + [True])),
    }
    drawn["completed_at"] = None if drawn["status"] == "processing" else draw(moments)
    return OrderState(id="1", placed_at=NOON, updated_at=NOON, **(drawn | fixed))


@st.composite
def orders_in_two_currencies(draw: st.DrawFn) -> OrderState:
    shop = draw(st.none() | orders(currency=draw(st.sampled_from(["EUR", "USD", "JPY"])), paid_amount=Decimal(5)))
    return draw(orders(in_shop_money=shop))


# ---- rules that ask who buys, where it goes, what it costs and which code was used -----------------------------------

countries = st.sampled_from(["FR", "FI", "DE"])
some_tags = st.lists(names, max_size=2, unique=True)
some_countries = st.lists(countries, max_size=2, unique=True)
markets = st.lists(
    st.fixed_dictionaries(
        {"countries": st.lists(countries, min_size=1, max_size=2, unique=True)},
        optional={"rate": rates, "rates": rates.map(lambda rate: {"JPY": rate})},
    ),
    max_size=2,
).map(lambda rows: [{**row, "key": f"m{number}"} for number, row in enumerate(rows)])
margins = st.lists(st.sampled_from(["0.2", "0.5", "0.7"]), max_size=2, unique=True).flatmap(
    lambda edges: st.lists(multipliers, min_size=len(edges) + 1, max_size=len(edges) + 1).map(
        lambda values: [
            {"key": f"b{number}", "from": least, "to": below, "multiplier": values[number]}
            for number, (least, below) in enumerate(
                zip([None, *sorted(edges)], [*sorted(edges), None], strict=True), start=0
            )
        ]
    )
)
segments = st.lists(
    optional(
        any_tag=some_tags,
        no_tag=st.just(["z"]),
        countries=some_countries,
        customer_groups=some_tags,
        tiers=st.sampled_from([[], ["entry"], ["gold"]]),
        orders_at_most=st.integers(0, 1),
        spent_at_least=st.sampled_from(["0", "10"]),
        joined_from=st.just("2026-02-01T00:00:00Z"),
        multiplier=multipliers,
    ),
    max_size=2,
).map(lambda rows: [{**row, "key": f"s{number}"} for number, row in enumerate(rows)])
eligibilities = optional(
    enrol=st.sampled_from(["everyone", "on_request"]),
    min_age=st.just(18),
    countries=st.sampled_from([[], [], ["FR", "FI"]]),
    exclude_countries=st.sampled_from([[], [], ["DE"]]),
    exclude_tags=st.sampled_from([[], [], ["c"]]),
    exclude_customer_groups=st.sampled_from([[], [], ["c"]]),
)


@st.composite
def rich_documents(draw: st.DrawFn) -> dict:
    """A programme with rules of every kind that an order may meet."""
    document = draw(documents)
    document["tiers"] = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1", "multiplier": "2"}]
    document["earning"] |= {"markets": draw(markets), "margins": draw(margins)}
    document |= {"segments": draw(segments), "eligibility": draw(eligibilities)}
    whos = st.fixed_dictionaries(
        {},
        optional={
            "segments": st.just([row["key"] for row in document["segments"]][:1]),
            "markets": st.just([row["key"] for row in document["earning"]["markets"]][:1]),
            "tiers": st.sampled_from([["entry"], ["gold"]]),
            "any_tag": some_tags,
        },
    )
    extras = optional(
        who=whos,
        coupon=names,
        max_orders=st.integers(1, 2),
        priority=st.integers(-1, 1),
        stackable=st.booleans(),
    )
    document["campaigns"] = [
        {**row, "bonus": row.get("bonus", 0) or 7, **draw(extras)} for row in document.get("campaigns", [])
    ]
    return document
