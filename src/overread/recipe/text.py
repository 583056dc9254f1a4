"""A recipe's text: YAML as its newer standard reads it."""

import re
from typing import Any

import yaml


class Yaml(yaml.SafeLoader):
    """YAML 1.2's core schema: `on` is a word and 1e-3 a number, which YAML 1.1 reads as true and as text."""


Yaml.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:bool"] for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))
Yaml.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+"), list("-+.0123456789"))


def parse(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=Yaml)  # noqa: S506  (a subclass of the safe loader)
