"""A second opinion: the points of an order, written down from semantics 2 sentence by sentence.

Slow and plain on purpose, and it shares no code with app.rules: it reads the raw document, tries every rule on every
line, and keeps each line's story in one dictionary.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

F = Fraction
MOST_SPECIFIC_FIRST = ["variant", "product", "collection", "tag", "vendor"]


def naive_points(  # noqa: C901  one story, told in the page's order
    order, doc, *, tier=None, facts=None, in_force=(), room=None, now=None, context=None
) -> dict[str, Any]:
    earning = doc["earning"]
    rates = {doc["currency"]: earning["rate"], **earning.get("rates", {})}
    here = [each for each in earning.get("markets", []) if order.country in each["countries"]][:1]
    for market in here:  # the first that names the country
        rates |= market.get("rates", {})
        if market.get("rate"):
            rates[doc["currency"]] = market["rate"]
    nothing = {"target": 0, "own": 0, "lines": {}, "kept": F(0)}

    # "Target 0: cancelled, voided, expired … deleted, test: true"
    if order.status in {"cancelled", "voided", "expired", "deleted"} or order.test or order.paid == "none":
        return nothing

    # "an ineligible order: target 0"
    who_may = doc.get("eligibility") or {}
    if context is not None and context.unmet:
        return nothing
    if who_may.get("countries") and order.country not in who_may["countries"]:
        return nothing
    if order.country is not None and order.country in who_may.get("exclude_countries", []):
        return nothing

    # "presentment money if the version has a rate for that currency, else the platform's shop money"
    money = order
    if money.currency not in rates:
        money = order.in_shop_money
        if money is None or money.currency not in rates:
            return nothing

    reached, units_that_earn = earn_moment(order, earning, now)
    if not reached:
        return nothing

    story = lines_of(money, earning, doc, facts or {})
    charges = charges_of(money, earning)
    if everything_back(money):
        for told in story:
            told["kept"] = told["kept_tax"] = F(0)
        charges = {}

    switches = earning.get("basis", {})
    for told in story:
        told["basis"] = told["kept"]
        if switches.get("tax", "displayed") == "included" and not money.prices_include_tax:
            told["basis"] += told["kept_tax"]
        if switches.get("tax", "displayed") == "excluded" and money.prices_include_tax:
            told["basis"] -= told["kept_tax"]
        told["basis"] = max(told["basis"], F(0))
        outside = (told["kind"] == "gift_card" and not switches.get("gift_cards")) or (
            told["kind"] == "tip" and not switches.get("tips")
        )
        if outside or any(rule.get("exclude") for rule in told["rules"]):
            told["basis"] = F(0)

    kept_basis = sum((told["basis"] for told in story), F(0)) + sum(charges.values(), F(0))
    in_programme_currency = kept_basis if money.currency == doc["currency"] else None
    if in_programme_currency is None and order.in_shop_money and order.in_shop_money.currency == doc["currency"]:
        shop_order = order.in_shop_money
        in_programme_currency = naive_kept(shop_order, doc, facts or {})

    campaigns = [
        each
        for each in doc.get("campaigns", [])
        if (not each.get("from") or when(each["from"]) <= order.placed_at)
        and (not each.get("to") or order.placed_at < when(each["to"]))
        and (
            not each.get("min_basis")
            or (in_programme_currency is not None and in_programme_currency >= F(each["min_basis"]))
        )
    ]
    campaigns = those_that_count([each for each in campaigns if is_for(each, order, tier, here, context)])
    of_order = [F(each["multiplier"]) for each in campaigns if each.get("multiplier") is not None]
    of_order += [F(each["multiplier"]) for each in doc.get("tiers", []) if each["key"] == tier and "multiplier" in each]
    of_order += [F(value) for _, _, value in in_force]
    of_order += [
        F(each["multiplier"])
        for each in doc.get("segments", [])
        if each.get("multiplier") is not None and context is not None and each["key"] in context.segments
    ]
    bands = {each["key"]: F(each["multiplier"]) for each in earning.get("margins", [])}

    paid = F(1) if order.paid == "full" else paid_share(money, story)
    exact = F(0)
    bonus = 0
    earning_at_all = False
    lines = {}
    for told in story:
        share = paid
        if units_that_earn is not None:
            sent = units_that_earn.get(told["id"], 0)
            share *= F(1) if told["units"] <= sent else F(sent, told["units"])
        its_rate = rates[money.currency]
        multipliers = list(of_order)
        its_bonus = 0
        for rule in told["rules"]:  # best first
            if rule.get("rate") and money.currency == doc["currency"]:
                its_rate = rule["rate"]
                break
        for rule in told["rules"]:
            if rule.get("multiplier") is not None:
                multipliers.append(F(rule["multiplier"]))
                break
        for rule in told["rules"]:
            if rule.get("bonus"):
                its_bonus = rule["bonus"]
                break
        band = getattr((facts or {}).get(told["id"]), "band", None)
        if band in bands:
            multipliers.append(bands[band])
        basis = told["basis"] * share
        factor = joined(multipliers, earning.get("stacking", "add"))
        points = basis * F(its_rate["points"]) / F(its_rate["per"]) * factor
        lines[told["id"]] = (basis, factor, points)
        exact += points
        if basis > 0:
            bonus += its_bonus
            earning_at_all = True
    if units_that_earn is None:
        own = rates[money.currency]
        for amount in charges.values():
            exact += amount * paid * F(own["points"]) / F(own["per"]) * joined(of_order, earning.get("stacking", "add"))
            earning_at_all = earning_at_all or amount * paid > 0
    if earning_at_all:
        bonus += sum(each.get("bonus", 0) for each in campaigns)

    how = earning.get("rounding", "floor")
    rounded = {"floor": math.floor, "ceil": math.ceil, "half_up": lambda x: math.floor(x + F(1, 2))}[how](exact)
    own_points = rounded + bonus
    cap = earning.get("caps", {}).get("order")
    if cap is not None:
        own_points = min(own_points, cap)
    return {
        "target": own_points if room is None else max(0, min(own_points, room)),
        "own": own_points,
        "lines": lines,
        "kept": in_programme_currency,
    }


def is_for(campaign, order, tier, here, context) -> bool:
    """Whether a campaign is for this order's member, market and code, and has a place for it."""
    who = campaign.get("who") or {}
    asked = {
        "segments": context.segments if context else (),
        "tiers": [tier],
        "markets": [market["key"] for market in here],
        "any_tag": context.tags if context else (),
    }
    if any(who.get(name) and not set(who[name]) & set(has) for name, has in asked.items()):
        return False
    codes = [used.code.casefold() for used in order.discount_codes]
    if campaign.get("coupon") and campaign["coupon"].casefold() not in codes:
        return False
    return context is None or context.places.get(campaign["key"], True)


def those_that_count(campaigns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The highest priority alone where it shares with no other; else all that do share."""
    if not campaigns:
        return []
    highest = max(each.get("priority", 0) for each in campaigns)
    first = next(each for each in campaigns if each.get("priority", 0) == highest)
    return [each for each in campaigns if each.get("stackable", True)] if first.get("stackable", True) else [first]


def when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def joined(multipliers: list[F], stacking: str) -> F:
    if stacking == "multiply":
        return math.prod(multipliers, start=F(1))
    if stacking == "best":
        return max(multipliers) if multipliers else F(1)
    return max(F(0), 1 + sum(m - 1 for m in multipliers))


def naive_kept(money, doc, facts) -> F:
    """The kept basis of the same order in another currency."""
    earning = {**doc["earning"], "earn_on": "paid", "caps": {}}
    own_rate = {**doc, "earning": earning, "campaigns": [], "tiers": []}
    whole = naive_points(
        money.__class__(**{**{f: getattr(money, f) for f in money.__dataclass_fields__}, "paid": "full"}),
        own_rate,
        facts=facts,
    )
    charges = {} if everything_back(money) else charges_of(money, earning)
    return sum((basis for basis, _, _ in whole["lines"].values()), F(0)) + sum(charges.values(), F(0))


def lines_of(money, earning, doc, facts) -> list[dict[str, Any]]:  # noqa: C901  as above
    story = [
        {"id": each.id, "kind": each.kind, "ordered": each.quantity, "net": max(F(0), F(each.gross) - F(each.discount))}
        | {"tax": F(each.tax), "units": each.quantity, "line": each}
        for each in money.lines
    ]
    items = [told for told in story if told["kind"] == "item"]

    # negative fees are discounts spread over items; their tax in proportion to the items' tax
    items_net, items_tax = sum(told["net"] for told in items), sum(told["tax"] for told in items)
    for told in items:
        if money.order_discount and items_net:
            told["net"] *= max(F(0), 1 - F(money.order_discount) / items_net)
        if money.order_discount and money.order_discount_tax and items_tax:
            told["tax"] *= max(F(0), 1 - F(money.order_discount_tax) / items_tax)

    for told in story:
        told["kept"] = told["net"]
        removed = min(told["line"].removed, told["ordered"])
        for _ in range(removed):  # each unit leaves once
            told["kept"] -= told["net"] / told["ordered"]
        told["units"] -= told["line"].removed

    for refund in money.refunds:
        for back in refund.lines:
            for told in story:
                if told["id"] == back.line_id:
                    told["units"] -= back.quantity
                    if back.amount is not None:
                        told["kept"] -= F(back.amount)
                    elif told["ordered"]:
                        told["kept"] -= told["net"] * min(back.quantity, told["ordered"]) / told["ordered"]

    # a refund known only by its total R reduces every item line by R ÷ Σ items with tax, after negative fees
    with_tax = sum(told["net"] + (0 if money.prices_include_tax else told["tax"]) for told in items)
    for refund in money.refunds:
        if only_total(refund) and with_tax:
            for told in items:
                told["kept"] -= told["net"] * F(refund.total) / with_tax

    for told in story:
        told["kept"] = max(F(0), told["kept"])

    # money without an item: over all kept lines, in proportion
    given, whole = sum(F(refund.money) for refund in money.refunds), sum(told["kept"] for told in story)
    for told in story:
        if whole:
            told["kept"] = max(F(0), told["kept"] - given * told["kept"] / whole)

    for told in story:
        told["kept_tax"] = told["tax"] * told["kept"] / told["net"] if told["net"] else F(0)
        told["rules"] = rules_for(told["line"], doc, facts) if told["kind"] != "tip" else []
    return story


def only_total(refund) -> bool:
    return refund.total is not None and not refund.lines and refund.money == 0 and refund.shipping == 0


def everything_back(money) -> bool:
    if money.all_refunded:
        return True
    if money.total is None or not any(only_total(refund) for refund in money.refunds):
        return False
    told = F(0)
    for refund in money.refunds:
        if refund.total is not None:
            told += F(refund.total)
        else:
            told += F(refund.money) + F(refund.shipping) + sum(F(back.amount or 0) for back in refund.lines)
    return told > 0 and told >= F(money.total)


def charges_of(money, earning) -> dict[str, F]:
    switches = earning.get("basis", {})
    wanted = {"shipping": "shipping", "tip": "tips", "duty": "duties", "fee": "fees"}
    found: dict[str, F] = {}
    for charge in money.charges:
        if not switches.get(wanted[charge.kind]):
            continue
        amount = F(charge.amount)
        if switches.get("tax", "displayed") == "included" and not money.prices_include_tax:
            amount += F(charge.tax)
        if switches.get("tax", "displayed") == "excluded" and money.prices_include_tax:
            amount -= F(charge.tax)
        found[charge.kind] = found.get(charge.kind, F(0)) + max(F(0), amount)
    charged = sum(F(charge.amount) for charge in money.charges if charge.kind == "shipping")
    returned = sum(F(refund.shipping) for refund in money.refunds)
    if "shipping" in found and charged:
        found["shipping"] *= max(F(0), 1 - returned / charged)
    return found


def rules_for(line, doc, facts) -> list[dict[str, Any]]:
    about = facts.get(line.id, line)
    has = {
        "variant": {line.variant_id},
        "product": {line.product_id},
        "collection": set(about.collections),
        "tag": set(about.tags),
        "vendor": {about.vendor},
    }
    matching = []
    for rule in doc["earning"].get("products", []):
        match = rule.get("match", {})
        if all(value in has[kind] for kind, value in match.items()):
            kind = next(iter(match), None)
            specificity = MOST_SPECIFIC_FIRST.index(kind) if kind else 99
            matching.append((specificity, -rule.get("priority", 0), rule["key"], rule))
    return [rule for *_, rule in sorted(matching, key=lambda entry: entry[:3])]


def paid_share(money, story) -> F:
    paid = F(money.paid_amount or 0)
    if money.paid_of is not None:
        whole = F(money.paid_of)
    else:
        whole = sum((told["kept"] for told in story), F(0))
        if not money.prices_include_tax:
            whole += sum((told["kept_tax"] for told in story), F(0))
        whole += sum(F(charge.amount) for charge in money.charges if charge.kind in ("shipping", "tip"))
    return F(1) if whole <= paid else paid / whole


def earn_moment(order, earning, now) -> tuple[bool, dict[str, int] | None]:
    moment = earning.get("earn_on", "paid")
    counting = [each for each in order.fulfilments if each.counts]
    everything_sent = bool(order.fulfilled_at or order.completed_at) or order.status in ("fulfilled", "completed")
    if moment == "paid":
        return True, None
    if moment == "delivered":
        if counting:
            return all(each.delivered for each in counting), None
        if order.delivered_at:
            return True, None
        wait = earning.get("delivered_after_days", 7)
        if order.completed_at and (wait == 0 or (now and now >= order.completed_at + timedelta(days=wait))):
            return True, None
        return False, None
    if everything_sent:
        return True, None
    if moment == "completed" or not counting:
        return False, None
    units: dict[str, int] = {}
    for each in counting:
        for line_id, count in each.units.items():
            units[line_id] = units.get(line_id, 0) + count
    return True, units
