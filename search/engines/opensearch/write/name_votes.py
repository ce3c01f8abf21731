"""How many articles allow each reading of a name, before a publication and after it; and which mentions thereby mean
somebody else."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from search.editorial.persons import BETWEEN, Corrections
from search.engines.opensearch.cluster import AT_ONCE, Json, batched
from search.engines.opensearch.document import READING, form_id


class NameVotes:
    """The votes for names: those of the published generation, and the changes to come."""

    def __init__(self, published: Callable[[Sequence[str]], dict[str, Json]], changes: Counter[str]) -> None:
        """`published` gives the documents of these ids of the published generation."""
        self._published = published
        self._changes = changes
        self._before: Counter[str] = Counter()
        self.votes: Counter[str] = Counter()

    def count(self, mentions: Iterable[str]) -> None:
        """Have the votes for all readings of some mentions."""
        names = {name for mention in mentions for name in mention.split(BETWEEN)}
        missing = sorted(names - self.votes.keys())
        for some in batched(missing, AT_ONCE):
            ids = [form_id(READING, name) for name in some]
            documents = self._published(ids)
            for name, key in zip(some, ids, strict=True):
                self._before[name] = documents[key]["count"] if key in documents else 0
                self.votes[name] = self._before[name] + self._changes[name]

    def turned(self, were: Corrections, are: Corrections, mentions: Callable[[Json], Iterator[str]]) -> Iterator[str]:
        """The mentions that mean somebody else; `mentions` gives those of the published generation that can be read in
        several ways and that a query of the cluster finds."""
        changed = {name for name, votes in self._changes.items() if votes}
        corrected = {name for name, _ in were.called.items() ^ are.called.items()} | (were.nobody ^ are.nobody)
        names = sorted(changed | corrected)
        several = set(corrected)  # and those that can be read in one way
        for some in batched(names, AT_ONCE):
            several.update(mentions({"terms": {"readings": some}}))
        self.count(several)
        return (
            mention
            for mention in sorted(several)
            if were.meant(mention, self._before) != are.meant(mention, self.votes)
        )
