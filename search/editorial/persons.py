"""Who is meant by the names that articles mention: the reading that most of the archive's mentions may have, the full
name that initials and parts of it stand for, and over it the corrections of a file of the editors.

    К. Токаев, Токаев К.-Ж. К. = Касым-Жомарт Токаев    # these are called so
    ! Су Арнасы                                         # nobody is called so
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from msgspec import Struct

from search.analysis.folding import without_diaeresis
from search.analysis.persons import mentioned, mentions
from search.errors import UserError, read_text
from search.model import Article

log = logging.getLogger("arkhiv")

# Raised with every change of what is read of a text; an index that was built with another one asks for a rebuild.
VERSION = 2
# Between the readings of one mention.
BETWEEN = "|"
# Initials are those of the full name that is mentioned so many times as often as all others that they fit together.
# Two initials say more than one: they need as many mentions of it.
DOMINANT = 20


def mentions_of(article: Article) -> tuple[str, ...]:
    """The people that an article mentions, each by the readings of their name, in one string."""
    return tuple(map(BETWEEN.join, mentioned((article.title, article.lead, article.text))))


def votes(mentioned: Iterable[tuple[str, int]]) -> Counter[str]:
    """In how many articles each name may be read, from in how many each mention stands."""
    counts: Counter[str] = Counter()
    for mention, count in mentioned:
        for name in mention.split(BETWEEN):
            counts[name] += count
    return counts


class Corrections(Struct, frozen=True):
    """What editors know better: how people are called by other names, and which names nobody has. `digest` tells one
    content of the file from another."""

    called: Mapping[str, str] = {}
    nobody: frozenset[str] = frozenset()
    digest: str = ""

    def meant(self, mention: str, votes: Mapping[str, int], full: Mapping[str, str]) -> str | None:
        """The person whom a mention means, the likelier reading where votes are equal; None where it is nobody. `full`
        are the `full_names` of the archive."""
        name = self._read(mention, votes)
        if name and name not in self.called:
            name = full.get(name, name)
        return self.called.get(name, name) if name else None

    def people(self, mentions: Iterable[str], votes: Mapping[str, int], full: Mapping[str, str]) -> tuple[str, ...]:
        """Those whom the mentions of an article mean, each once."""
        meant = (self.meant(mention, votes, full) for mention in mentions)
        return tuple(dict.fromkeys(name for name in meant if name))

    def full_names(self, mentioned: Iterable[tuple[str, int]], votes: Mapping[str, int]) -> dict[str, str]:
        """Of names that another one stands for, that one: by initials the full name that they fit, of «Реджеп Тайип
        Эрдоган» and its parts the most frequent one. From in how many articles each mention stands; that of the names
        with one surname is all that counts for any of them."""
        counts: Counter[str] = Counter()
        for mention, count in mentioned:
            if count > 0 and (name := self._read(mention, votes)):
                counts[name] += count
        kin: defaultdict[str, list[str]] = defaultdict(list)
        for name in counts:
            kin[surname(name)].append(name)
        full: dict[str, str] = {}
        for names in kin.values():
            if len(names) > 1:
                parts = _parts([name for name in names if "." not in name], counts)
                full |= parts | dict(self._initialled(names, counts, parts))
        return full

    def _read(self, mention: str, votes: Mapping[str, int]) -> str | None:
        readings = [name for name in mention.split(BETWEEN) if name not in self.nobody]
        return max(readings, key=lambda reading: votes[reading]) if readings else None

    def _initialled(
        self, names: Sequence[str], counts: Mapping[str, int], parts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """The names with initials for which one of the full names stands, and that one."""
        for name in names:
            fitting: Counter[str] = Counter()
            for other in names if "." in name else ():
                if _fits(name, other):
                    whole = parts.get(other, other)
                    fitting[self.called.get(whole, whole)] += counts[other]
            for whole, count in fitting.most_common(1):
                enough = count >= DOMINANT or name.count(". ") == 1
                if enough and count >= DOMINANT * (fitting.total() - count):
                    yield name, whole


def surname(name: str) -> str:
    """The last word of a name."""
    return name.rpartition(" ")[2]


def _parts(names: Sequence[str], counts: Mapping[str, int]) -> dict[str, str]:
    """Of names of one surname and without initials, those of two first names and of one of these: the most frequent."""
    whole: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        first, *middle, last = name.split(" ")
        if len(middle) == 1 and middle[0].istitle() and not last.isupper():  # no «фон», no Иоанн Павел II
            for short in (f"{first} {last}", f"{middle[0]} {last}"):
                whole[short].append(name)
    parts: dict[str, str] = {}
    for name in dict.fromkeys(chain.from_iterable(whole.values())):
        shorter = [short for short in whole if whole[short] == [name] and short in counts]
        best = max((name, *shorter), key=lambda one: (counts[one], one.count(" "), one))
        parts |= {other: best for other in (name, *shorter) if other != best}
    return parts


def _fits(initialled: str, name: str) -> bool:
    """Whether the initials may be those of the first name: К. and К.-Ж. of Касым-Жомарт."""
    letters = initialled.partition(" ")[0].replace("-", "").rstrip(".").split(".")
    own = [part[:1] for part in name.partition(" ")[0].split("-")]
    return "." not in name and own[: len(letters)] == letters


NO_CORRECTIONS = Corrections()


def read_corrections(path: str) -> Corrections:
    """The corrections of a file, none where it has no name; UserError names the line that is wrong."""
    if not path:
        return NO_CORRECTIONS
    text = read_text("names", Path(path))
    called: dict[str, tuple[str, int]] = {}
    nobody: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line := line.partition("#")[0].strip():
            _take_in(line, f"{path}:{number}", number, called, nobody)
    for name in called.keys() & nobody.keys():
        raise UserError("names", f"{path}:{called[name][1]}: {name!r} is nobody in line {nobody[name]}")
    digest = blake2b(text.encode(), digest_size=8).hexdigest()
    return Corrections(_followed(called, path, nobody), frozenset(nobody), digest)


def _take_in(line: str, place: str, number: int, called: dict[str, tuple[str, int]], nobody: dict[str, int]) -> None:
    if line.startswith("!"):
        nobody[_name(line[1:], place)] = number
        return
    others, is_one, name = line.partition("=")
    if not is_one or "=" in name:
        raise UserError("names", f"{place}: neither «name, name = name» nor «! name»")
    wanted = _name(name, place, read=False)
    for other in others.split(","):
        key = _name(other, place)
        if key == wanted:
            continue
        if called.get(key, (wanted, 0))[0] != wanted:
            raise UserError("names", f"{place}: {key!r} is called {called[key][0]!r} in line {called[key][1]}")
        called[key] = wanted, number


def _name(text: str, place: str, *, read: bool = True) -> str:
    """A name as it is kept: as it would be read of an article, where it can be."""
    name = " ".join(without_diaeresis(text).split())
    if not name or BETWEEN in name:
        raise UserError("names", f"{place}: a side without a name" if not name else f"{place}: {name!r} is no name")
    if not read:
        return name
    mentioned = mentions(name)
    if len(mentioned) != 1:
        log.warning("names: %s: %r is not read as a name in any article: it changes nothing", place, name)
        return name
    return mentioned[0][0]


def _followed(called: Mapping[str, tuple[str, int]], path: str, nobody: Mapping[str, int]) -> dict[str, str]:
    """Each name and how its owner is called in the end; UserError where that leads in a circle or to nobody."""
    ends: dict[str, str] = {}
    for name, (wanted, number) in called.items():
        way = [name]
        while wanted in called:
            if wanted in way:
                raise UserError("names", f"{path}:{number}: a circle: {' = '.join((*way, wanted))}")
            way.append(wanted)
            wanted = called[wanted][0]
        meant = [names[0] for names in mentions(wanted)]
        if nobodies := [someone for someone in (wanted, *meant) if someone in nobody]:
            raise UserError("names", f"{path}:{number}: {wanted!r} is nobody in line {nobody[nobodies[0]]}")
        ends[name] = wanted
    return ends
