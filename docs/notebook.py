"""tutorial.md as a notebook: each block of Python is a cell to run, everything between is a cell to read.

python docs/notebook.py
"""

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

CODE = re.compile(r"^```python\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def main() -> None:
    text = (HERE / "tutorial.md").read_text(encoding="utf-8")
    (HERE / "tutorial.ipynb").write_text(json.dumps(notebook(text), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def notebook(text: str) -> dict[str, Any]:
    """The notebook (format 4.5) of a page, without outputs."""
    parts = [part.strip("\n") for part in CODE.split(text)]
    cells = [_cell(number, part, code=bool(number % 2)) for number, part in enumerate(parts) if part]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def _cell(number: int, text: str, code: bool) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    told: dict[str, Any] = {"id": f"part-{number}", "metadata": {}, "source": source}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **told} if code else {"cell_type": "markdown", **told}


if __name__ == "__main__":
    main()
