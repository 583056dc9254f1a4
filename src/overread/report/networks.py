"""The networks of a model that has several: what each is for, how large it is, and which parts share one."""

from typing import Any

from overread.report.folder import Folder
from overread.report.show import count, counted, listed


def networks(folder: Folder) -> list[tuple[str, str]]:
    """(name, sentence) of each member of a cascade, the router first; nothing of other models."""
    told = folder.model(absent={})
    if told.get("kind") != "cascade":
        return []
    main, part = told["targets"]
    return [(name, f"{_size(folder, place)}; {_role(name, told, main, part)}") for name, place in told["members"].items()]


def routed(folder: Folder) -> str:
    """How a cascade answers, in one sentence; blank for other models."""
    told = folder.model(absent={})
    if told.get("kind") != "cascade":
        return ""
    main, part = (name.replace("_", " ") for name in told["targets"])
    heard = "the parts' experts answer {}, mixed by its probabilities" if told["routing"] == "soft" else "the likeliest one's expert answers {}"
    sure = f"; an answer is marked as abstained where its largest probability is below {told['abstain']:g}" if told["abstain"] is not None else ""
    shared = [one["name"] for one in told["parts"] if one["expert"] == "pooled"]
    if len(shared) == len(told["parts"]):
        return f"A router names the {part}, but no part has an expert of its own: one expert, pooled from all parts, answers {main} for each{sure}."
    few = f" For {listed(shared)} the expert pooled from all parts answers." if shared else ""
    return f"A router names the {part}; {heard.format(main)}{sure}.{few}"


def spoken(folder: Folder, network: str) -> str:
    """A network in words, as it is named under a heat map: "the router", "the pooled expert", "the hand's expert"; others as they are."""
    told = folder.model(absent={})
    if told.get("kind") != "cascade":
        return network
    own = {one["expert"]: f"the {one['name']}'s expert" for one in told["parts"]}
    return {**own, "router": "the router", "pooled": "the pooled expert"}.get(network, network)


def _role(name: str, told: dict[str, Any], main: str, part: str) -> str:
    """What a member answers, and what it learnt from."""
    if name == "router":
        return f"answers {part.replace('_', ' ')}"
    own = [one for one in told["parts"] if one["expert"] == name]
    if name != "pooled":
        begun = ", going on from the pooled expert" if own[0]["small"] else ""
        learnt = f"{counted(own[0]['images'], 'image')} of {counted(own[0]['patients'], 'patient')}"
        return f"answers {main} for {own[0]['name']}, learnt from {learnt}{begun}"
    shared = listed([f"{one['name']} ({one['why']})" for one in own])
    return f"learnt {main} from all parts; " + (f"answers for {shared}" if own else "answers for none, as each has an expert of its own")


def _size(folder: Folder, place: str) -> str:
    """The backbone and the parameters of a member; a folder's name leads nowhere else."""
    told = folder.model(f"{place}/model.json", {}) if place.replace("-", "").replace("_", "").isalnum() else {}
    name, parameters = (told.get("backbone") or {}).get("name"), (told.get("summary") or {}).get("parameters")
    return f"{name or told.get('kind') or 'a model'}, {count(parameters)} parameters"
