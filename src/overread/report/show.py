"""How numbers, counts and plain data are written in print."""

from collections.abc import Mapping, Sequence
from typing import Any

from overread.findings import Effect
from overread.report.measures import measure

NO_INTERVAL = "no interval: fewer than 10 components in a class"


def figure(value: float | None, name: str = "") -> str:
    """One figure: three decimals, or a percentage where the field writes one; a dash where it is not defined."""
    if value is None:
        return "–"
    text = f"{value:.1%}" if measure(name).percent else f"{value:.3f}"
    return text.replace("-", "−") if float(text.rstrip("%")) else text.lstrip("-")


def interval(entry: Mapping[str, Any] | None, name: str = "") -> str:
    """The 95 % interval of ``{value, low, high}`` as "0.778 to 0.882", the unit left to the value; blank without one."""
    if not entry or entry.get("low") is None or entry.get("high") is None:
        return ""
    return " to ".join(figure(entry[end], name).removesuffix("%") for end in ("low", "high"))


def difference(entry: Mapping[str, Any], name: str, ends: bool = True) -> str:
    """A difference with its sign, and its interval: "+0.021 (−0.004 to 0.046)"; of percentages in points."""
    if entry["value"] is None:
        return "not defined"
    value = figure(entry["value"], name).replace("%", " points")
    signed = value if value.startswith("−") or not entry["value"] else f"+{value}"
    between = interval(entry, name)
    return f"{signed} ({between or 'no interval'})" if ends else signed.removesuffix(" points")


def missing(entry: Mapping[str, Any] | None) -> str:
    """Why a figure has no interval: what its `method` says, else the usual reason."""
    method = str((entry or {}).get("method") or "")
    return f"no interval: {method.removeprefix('none: ')}" if method.startswith("none: ") else NO_INTERVAL


def estimate(entry: Mapping[str, Any] | None, name: str = "") -> str:
    """A figure with its interval, "0.831 (0.778 to 0.882)"; says so where there is none."""
    if not entry or entry.get("value") is None:
        return "not defined"
    return f"{figure(entry['value'], name)} ({interval(entry, name) or 'no interval'})"


def count(number: float | None) -> str:
    """A whole number with thousands apart."""
    return "–" if number is None else f"{round(number):,}"


def plural(one: str) -> str:
    """Several of a noun: "images", "studies"."""
    return f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def counted(number: int, one: str) -> str:
    """A count and its noun: "1 image", "2,344 images"."""
    return f"{number:,} {one if number == 1 else plural(one)}"


def share(part: float | None) -> str:
    """A share as a percentage, without decimals unless it is small."""
    if part is None:
        return "–"
    return f"{part:.0%}" if part == 0 or 0.1 <= part <= 0.9 or part == 1 else f"{part:.1%}"


def amount(value: float, name: str) -> str:
    """The size of an effect as its name asks: a share in percent, a number of things whole, a score with three decimals."""
    if "share" in name.lower():
        return f"{value:.1%}"
    return count(value) if counts(name) else figure(value)


def counts(name: str) -> bool:
    """Whether an effect of that name is a number of things."""
    return name.startswith(("components", "images", "rows", "patients", "number of"))


def effect(found: Effect) -> str:
    """An effect with its interval, if it has one: "98.6% (95% interval 97.1 to 99.4%)"."""
    between = ends(found)
    return amount(found.value, found.name) + (f" (95% interval {between})" if between else "")


def ends(found: Effect) -> str:
    """The interval of an effect as "97.1 to 99.4%"; blank without one."""
    if found.low is None or found.high is None:
        return ""
    return f"{amount(found.low, found.name).removesuffix('%')} to {amount(found.high, found.name)}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words in a row: "a, b and c"."""
    names = [str(word) for word in words]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def plain(value: Any) -> str:
    """Any value of a JSON or YAML file as words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−") if value < 0 else f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{words(key)} {plain(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(item) for item in value)
    return str(value)


def versions(packages: Mapping[str, str]) -> str:
    """Packages as they are installed: "numpy 2.2.0; scikit-learn 1.9.1"."""
    return "; ".join(f"{name} {version}" for name, version in packages.items())


def words(key: str) -> str:
    """A key as words."""
    return str(key).replace("_", " ").replace("-", " ")


PRINTED = (figure, interval, difference, missing, estimate, count, counted, plural, share, amount, effect, ends, listed, plain, versions, words)

FILTERS = {call.__name__: call for call in PRINTED}
