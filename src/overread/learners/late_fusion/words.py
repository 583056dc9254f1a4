"""Free text as numbers: the words and word pairs that several patients share, each weighted by how rare it is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

SHARED = 5
"""Components that a word must occur in to be kept: a rarer one is a name more often than a sign."""

MOST = 5000
"""Words and pairs that are kept, the commonest first."""

LETTERS = r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])"
"""A word: two letters or more, of any script; what has a digit in it is an id, a date or a measure."""


@dataclass(frozen=True)
class Words:
    """A vocabulary.

    Attributes
    ----------
    vocabulary : words, and pairs with a blank between, in the order of the columns
    rarity : (V,) float64, what each counts: inverse document frequency
    """

    vocabulary: tuple[str, ...]
    rarity: np.ndarray

    @classmethod
    def of(cls, texts: pd.Series, component: np.ndarray) -> "Words":
        """The vocabulary of some texts.

        Only what stands in texts of at least 5 components is kept, so that the name of a patient is not, and a misspelling neither. Whoever
        writes or is mentioned in many reports may still be in it.

        Parameters
        ----------
        texts : (n,) str, blanks allowed
        component : (n,) which belong together
        """
        blank = cls((), np.empty(0))
        if not texts.str.contains(LETTERS).any():
            return blank
        counter = CountVectorizer(token_pattern=LETTERS, ngram_range=(1, 2), binary=True, dtype=np.int32)
        seen = counter.fit_transform(texts).tocsc()
        seen = seen[:, (often := np.flatnonzero(seen.getnnz(axis=0) >= SHARED))]
        code = pd.factorize(component)[0]
        group = csr_matrix((np.ones(len(code), np.int32), (code, np.arange(len(code)))), shape=(code.max() + 1, len(code)))
        components = np.asarray((group @ seen > 0).sum(axis=0)).ravel()
        kept = np.flatnonzero(components >= SHARED)
        kept = np.sort(kept[np.argsort(-components[kept], kind="stable")[:MOST]])
        if not len(kept):
            return blank
        rarity = np.log((1 + len(texts)) / (1 + seen[:, kept].getnnz(axis=0))) + 1
        return cls(tuple(counter.get_feature_names_out()[often[kept]]), rarity)

    def encode(self, texts: pd.Series) -> csr_matrix:
        """(n, V) float64, TF-IDF of unit length; a text without a known word is all zero.

        Source: Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval", with scikit-learn's smoothing.
        """
        if not self.vocabulary:
            return csr_matrix((len(texts), 0))
        counter = CountVectorizer(token_pattern=LETTERS, ngram_range=(1, 2), vocabulary=list(self.vocabulary), dtype=np.float64)
        return normalize(csr_matrix(counter.transform(texts) @ diags_array(self.rarity)))
