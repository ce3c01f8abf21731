"""How many articles allow each reading of a name, before a publication and after it; and which mentions thereby mean
somebody else."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from search.editorial.persons import BETWEEN, Corrections, surname
from search.engines.opensearch.cluster import AT_ONCE, Json, batched
from search.engines.opensearch.document import MENTION, READING, form_id


class NameVotes:
    """The votes for names and how many articles have each mention: those of the published generation, and the changes
    to come. Names of one surname are counted together, as they tell of each other who is meant."""

    def __init__(
        self,
        published: Callable[[Sequence[str]], dict[str, Json]],
        mentions: Callable[[Json], Iterator[str]],
        changes: Mapping[str, Counter[str]],
    ) -> None:
        """`published` gives the documents of these ids of the published generation, `mentions` those of its mentions
        that a query of the cluster finds; `changes` are by READING and MENTION."""
        self._published = published
        self._mentions = mentions
        self._changes = changes
        self._changed: defaultdict[str, set[str]] = defaultdict(set)  # the mentions, by the surnames of their readings
        for mention in changes[MENTION]:
            for last in _surnames([mention]):
                self._changed[last].add(mention)
        self._surnames: set[str] = set()
        self._votes_before: Counter[str] = Counter()
        self._mentions_before: Counter[str] = Counter()
        self.votes: Counter[str] = Counter()
        self.mentions: Counter[str] = Counter()

    def count(self, mentions: Iterable[str]) -> None:
        """Have the votes for all readings of some mentions, and of all others that tell who is meant by them."""
        missing = _surnames(mentions) - self._surnames
        while missing:
            self._surnames |= missing
            kin = {mention for last in missing for mention in self._changed[last]}
            for some in batched(sorted(missing), AT_ONCE):
                kin.update(self._mentions({"terms": {"readings": some}}))
            self._count(MENTION, kin, self._mentions_before, self.mentions)
            names = {name for mention in kin for name in mention.split(BETWEEN)}
            self._count(READING, names, self._votes_before, self.votes)
            missing = _surnames(kin) - self._surnames

    def _count(self, letter: str, forms: set[str], before: Counter[str], after: Counter[str]) -> None:
        for some in batched(sorted(forms - after.keys()), AT_ONCE):
            ids = [form_id(letter, form) for form in some]
            documents = self._published(ids)
            for form, key in zip(some, ids, strict=True):
                before[form] = documents[key]["count"] if key in documents else 0
                after[form] = before[form] + self._changes[letter][form]

    def full_names(self, corrections: Corrections) -> dict[str, str]:
        """Of the names that are counted those for which another one stands, and that one."""
        return corrections.full_names(self.mentions.items(), self.votes)

    def turned(self, were: Corrections, are: Corrections) -> Iterator[str]:
        """The mentions that mean somebody else."""
        changed = {mention for mention, count in self._changes[MENTION].items() if count}
        corrected = {name for name, _ in were.called.items() ^ are.called.items()} | (were.nobody ^ are.nobody)
        self.count(changed | corrected)
        full_before = were.full_names(self._mentions_before.items(), self._votes_before)
        full = self.full_names(are)
        return (
            mention
            for mention in sorted(self.mentions)
            if were.meant(mention, self._votes_before, full_before) != are.meant(mention, self.votes, full)
        )


def _surnames(mentions: Iterable[str]) -> set[str]:
    return {surname(name) for mention in mentions for name in mention.split(BETWEEN)}
