"""MedMNIST v2 archives: one .npz a set, with the official parts.

    pneumoniamnist.npz        train_images (n, 28, 28[, 3]) uint8, train_labels (n, 1), and the same for val and test
    pneumoniamnist_224.npz    the same at 224 px; anything may follow the set's name

Yang et al. 2023, Sci Data 10:41. Licence: CC BY 4.0 (DermaMNIST: CC BY-NC 4.0).
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.catalog import Catalog
from overread.datasets.base import Options, label, need_file, reader
from overread.errors import UserError
from overread.imaging import npz
from overread.imaging.unreadable import Unreadable

ORGANS = "bladder|femur-left|femur-right|heart|kidney-left|kidney-right|liver|lung-left|lung-right|pancreas|spleen"

CLASSES = {
    name: classes.split("|")
    for name, classes in {
        "pathmnist": "adipose|background|debris|lymphocytes|mucus|smooth muscle|normal colon mucosa|cancer-associated stroma"
        "|colorectal adenocarcinoma epithelium",
        "dermamnist": "actinic keratoses and intraepithelial carcinoma|basal cell carcinoma|benign keratosis-like lesions|dermatofibroma"
        "|melanoma|melanocytic nevi|vascular lesions",
        "octmnist": "choroidal neovascularization|diabetic macular edema|drusen|normal",
        "pneumoniamnist": "normal|pneumonia",
        "retinamnist": "0|1|2|3|4",
        "breastmnist": "malignant|normal, benign",
        "bloodmnist": "basophil|eosinophil|erythroblast|immature granulocytes|lymphocyte|monocyte|neutrophil|platelet",
        "tissuemnist": "Collecting Duct, Connecting Tubule|Distal Convoluted Tubule|Glomerular endothelial cells|Interstitial endothelial cells"
        "|Leukocytes|Podocytes|Proximal Tubule Segments|Thick Ascending Limb",
        "organamnist": ORGANS,
        "organcmnist": ORGANS,
        "organsmnist": ORGANS,
    }.items()
}
"""Names of the labels 0, 1, ... of every 2-D set with one label an image, as the sets' authors publish them."""

POSITIVE = {"breastmnist": "malignant"}
"""Where known words do not tell it."""


@reader("medmnist")
def read(path: Path, options: Options) -> Catalog:
    """Read a MedMNIST archive.

    Returns
    -------
    Catalog
        One row an image; target `label` (classes by name where the file is named like a known set, by number otherwise; RetinaMNIST is
        ordinal), the official split as `split`.

    Raises
    ------
    UserError
        Not such an archive, images and labels that do not match, or several labels an image (ChestMNIST).
    """
    need_file(path)
    where = f"medmnist:{path}"
    known = re.match(r"[a-z]+mnist", path.stem.lower())
    name = known.group() if known else ""
    frame = pd.concat([_part(path, part, where) for part in ("train", "val", "test")], ignore_index=True)
    if name in CLASSES:
        if frame["label"].max() >= len(CLASSES[name]):
            raise UserError(f"a label {frame['label'].max()} that {name} does not have", where, "rename the file if it is another set")
        frame["label"] = frame["label"].map(dict(enumerate(CLASSES[name])))
    if name == "retinamnist" and options.kind is None:
        options = options.model_copy(update={"kind": "ordinal"})
    return label(frame.assign(label=frame["label"].astype("str")), "label", options, where, POSITIVE.get(name))


def _part(path: Path, part: str, where: str) -> pd.DataFrame:
    """Rows of one part: image, file, label (int), split."""
    images, labels = (_array(path, f"{part}_{what}", where) for what in ("images", "labels"))
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise UserError(f"{labels.shape[1]} labels an image", where, "make a table of the one you want to learn, and read it with table:")
    if len(images) != labels.size or labels.dtype.kind not in "iu":
        raise UserError(f"{len(images)} images and {labels.size} labels of type {labels.dtype} in {part}", where, "get the archive again")
    member = [f"{part}_images/{number}" for number in range(len(images))]
    return pd.DataFrame({"image": member, "file": [f"{path.resolve()}#{name}" for name in member], "label": labels.ravel(), "split": part})


def _array(path: Path, key: str, where: str) -> NDArray[np.generic]:
    try:
        return npz.array(path.resolve(), key)
    except Unreadable as fault:
        raise UserError(str(fault), where, "name an official MedMNIST .npz file") from None
