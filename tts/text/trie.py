"""One pattern for many words: shared beginnings are looked at once, so that ten thousand entries cost like ten."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    ends: bool = False


def _tree(words: Iterable[str]) -> _Node:
    root = _Node()
    for word in words:
        node = root
        for char in word:
            node = node.children.setdefault(char, _Node())
        node.ends = True
    return root


def _written(node: _Node, last: str) -> str:
    """Write what may follow ``last``: longer ways first, and a word never ends inside another."""
    ways = []
    for char, child in sorted(node.children.items()):
        literal = char
        while len(child.children) == 1 and not child.ends:
            char, child = next(iter(child.children.items()))  # noqa: PLW2901 - walks down a stretch without a fork
            literal += char
        ways.append(re.escape(literal) + _written(child, char))
    if node.ends:
        ways.append(r"(?!\w)" if last.isalnum() else "")
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def whole_words(exact: Iterable[str], folded: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the words, the longest that fits, as whole tokens only.

    ``exact`` must be written just so; ``folded`` (lower case) may be in capitals or not. None given: matches nothing.
    """
    ways = [_written(tree, "") for tree in (_tree(exact),) if tree.children]
    ways += [f"(?i:{_written(tree, '')})" for tree in (_tree(folded),) if tree.children]
    return re.compile(rf"(?<!\w)(?:{'|'.join(ways)})") if ways else re.compile(r"(?!)")
