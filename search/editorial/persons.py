"""Who is meant by the names that articles mention: the reading that most of the archive's mentions may have, and
over it the corrections of a file of the editors.

    К. Токаев, Токаев К.-Ж. К. = Касым-Жомарт Токаев    # these are called so
    ! Су Арнасы                                         # nobody is called so
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from search.analysis.persons import mentioned, mentions
from search.errors import UserError, describe
from search.model import Article

log = logging.getLogger("arkhiv")

# Raised with every change of what is read of a text; an index that was built with another one asks for a rebuild.
VERSION = 1
# Between the readings of one mention.
BETWEEN = "|"


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

    def meant(self, mention: str, votes: Mapping[str, int]) -> str | None:
        """The person whom a mention means, the likelier reading where votes are equal; None where it is nobody."""
        readings = [name for name in mention.split(BETWEEN) if name not in self.nobody]
        if not readings:
            return None
        name = max(readings, key=lambda reading: votes[reading])
        return self.called.get(name, name)

    def people(self, mentions: Iterable[str], votes: Mapping[str, int]) -> tuple[str, ...]:
        """Those whom the mentions of an article mean, each once."""
        meant = (self.meant(mention, votes) for mention in mentions)
        return tuple(dict.fromkeys(name for name in meant if name))


NO_CORRECTIONS = Corrections()


def read_corrections(path: str) -> Corrections:
    """The corrections of a file, none where it has no name; UserError names the line that is wrong."""
    if not path:
        return NO_CORRECTIONS
    try:
        content = Path(path).read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UserError("names", f"cannot be read: {describe(error)}") from error
    except UnicodeDecodeError as error:
        raise UserError("names", f"cannot be read: {path}: {error}") from error
    called: dict[str, tuple[str, int]] = {}
    nobody: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if line := line.partition("#")[0].strip():
            _take_in(line, f"{path}:{number}", number, called, nobody)
    for name in called.keys() & nobody.keys():
        raise UserError("names", f"{path}:{called[name][1]}: {name!r} is nobody in line {nobody[name]}")
    return Corrections(_followed(called, path, nobody), frozenset(nobody), blake2b(content, digest_size=8).hexdigest())


def _take_in(line: str, place: str, number: int, called: dict[str, tuple[str, int]], nobody: dict[str, int]) -> None:
    if line.startswith("!"):
        nobody[_name(line[1:], place)] = number
        return
    others, is_one, name = line.partition("=")
    if not is_one or "=" in name:
        raise UserError("names", f"{place}: neither «name, name = name» nor «! name»")
    for other in others.split(","):
        key, wanted = _name(other, place), _name(name, place, read=False)
        if key == wanted:
            continue
        if called.get(key, (wanted, 0))[0] != wanted:
            raise UserError("names", f"{place}: {key!r} is called {called[key][0]!r} in line {called[key][1]}")
        called[key] = wanted, number


def _name(text: str, place: str, *, read: bool = True) -> str:
    """A name as it is kept: as it would be read of an article, where it can be."""
    name = " ".join(text.replace("ё", "е").replace("Ё", "Е").split())
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
