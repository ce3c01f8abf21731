"""The archive block and its neighbours as aggregations: each is counted under every filter but its own."""

from collections.abc import Mapping
from typing import Any

from search.engine import LEAST_MENTIONED, Request
from search.engines.opensearch.cluster import Json
from search.engines.opensearch.read.queries import EVERYTHING, days_filter, value_filter
from search.model import FACETS, Count, Facet, Facets, Period

# So many values a shard counts exactly; with more authors or people, the counts of several shards may miss some.
EVERY_VALUE = 20_000
EVERY_YEAR = 9999
WITHOUT_DAY: Json = {"bool": {"must_not": [{"exists": {"field": "day"}}]}}

ALL_FACETS = (*FACETS, Facet("person", "persons", "persons", several=True))


def own_filters(request: Request) -> dict[str, Json]:
    """The filters that a facet of their own leaves out, by what they filter."""
    chosen = [(facet, value) for facet in ALL_FACETS if (value := getattr(request.filters, facet.filter)) is not None]
    filters = {facet.filter: value_filter(facet.field, *facet.parts(value)) for facet, value in chosen}
    if request.filters.period is not None:
        filters["period"] = days_filter(request.filters.period.days())
    if request.filters.undated:
        filters["undated"] = WITHOUT_DAY
    return filters


def facet_aggregations(request: Request) -> Json:
    """The aggregations of a request."""
    own, period = own_filters(request), request.filters.period

    def but(within: Json, *names: str) -> Json:
        filters = [clause for name, clause in own.items() if name not in names]
        return {"filter": {"bool": {"filter": filters}} if filters else EVERYTHING, "aggs": within}

    dates: Json = {"years": _values("year", EVERY_YEAR), "undated": {"missing": {"field": "day"}}}
    if period is not None:
        dates["months"] = _within(Period(period.year), "month")
        if period.month is not None:
            dates["days"] = _within(Period(period.year, period.month), "day")
    values = {
        facet.counts: but({"values": _values(facet.field, request.most_frequent)}, facet.filter) for facet in FACETS
    }
    persons = but({"values": _values("persons", request.most_mentioned, least=LEAST_MENTIONED)}, "person")
    return {"dates": but(dates, "period", "undated"), **values, "persons": persons}


def facets_of(aggregations: Mapping[str, Any], period: Period | None) -> Facets:
    """The facets of an answer."""
    dates = aggregations["dates"]
    return Facets(
        years=_ascending(dates["years"]),
        months=_ascending(dates["months"]["values"], 100) if period else None,
        days=_ascending(dates["days"]["values"], 100) if period and period.month is not None else None,
        undated=dates["undated"]["doc_count"],
        **{facet.counts: _names(aggregations[facet.counts]["values"]) for facet in ALL_FACETS},
    )


def _values(field: str, size: int, *, least: int = 1) -> Json:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    terms = {"field": field, "size": size, "shard_size": max(size, EVERY_VALUE), "order": order}
    return {"terms": terms | {"min_doc_count": least}}


def _within(period: Period, field: str) -> Json:
    return {"filter": days_filter(period.days()), "aggs": {"values": _values(field, 31)}}


def _ascending(aggregation: Mapping[str, Any], modulus: int = 10_000) -> tuple[Count[int], ...]:
    """The counts of years, or of months and days, which the `modulus` takes out of numbers like 202405."""
    buckets = sorted((bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"])
    return tuple(Count(value % modulus, count) for value, count in buckets)


def _names(aggregation: Mapping[str, Any]) -> tuple[Count[str], ...]:
    return tuple(Count(bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"])
