"""Features of a catalog's rows, kept or read by the fast engine."""

from typing import Any

from overread.backbones.create import Trunk
from overread.catalog import Catalog
from overread.features.embed import Embedding, embed
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Runtime

LASTING = ("engine", "distance", "checked", "refused")
"""What of an embedding's story belongs to the model, whoever reads its features, and when."""


def read(trunk: Trunk, catalog: Catalog, fitting: Fitting, runtime: Runtime, what: str = "features") -> Embedding:
    """The features of a scanned catalog's rows, in their order."""
    return embed(trunk, Pictures(catalog.frame, fitting, Cache()), runtime, what)


def lasting(embedding: Embedding) -> list[dict[str, Any]]:
    """Each network's `name` and engine, and how far it is from float32."""
    return [{"name": name, **{key: told[key] for key in LASTING if told.get(key)}} for name, told in embedding.told.items()]
