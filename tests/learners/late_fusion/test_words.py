"""Reports become the TF-IDF of what several patients share, as scikit-learn has it; names do not."""

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from overread.learners.late_fusion.words import LETTERS, Words

DRAW = np.random.default_rng(0)
TEXTS = pd.Series([" ".join(DRAW.choice(["Knee", "bone", "Ödem", "骨折", "view", "t2", "of"], 6)) for _ in range(120)])


def test_the_numbers_are_scikit_learns():
    words = Words.of(TEXTS, np.arange(120))
    theirs = TfidfVectorizer(token_pattern=LETTERS, ngram_range=(1, 2), vocabulary=list(words.vocabulary)).fit(TEXTS)

    assert {"knee", "ödem", "骨折", "knee bone"} <= set(words.vocabulary)
    np.testing.assert_allclose(words.encode(TEXTS).toarray(), theirs.transform(TEXTS).toarray(), atol=1e-12)


def test_what_few_patients_share_is_dropped_however_often_it_stands():
    texts = pd.Series([f"knee {'Meier' if i < 40 else 'bone'} id{i}" for i in range(80)])

    words = Words.of(texts, np.where(np.arange(80) < 40, np.arange(80) % 4, np.arange(80)))  # four patients are called so, in ten films each

    assert set(words.vocabulary) == {"knee", "bone", "knee bone"}


def test_a_text_without_a_known_word_is_all_zero_and_blanks_are_allowed():
    words = Words.of(TEXTS, np.arange(120))

    assert words.encode(pd.Series(["", "quite other words", "4711"])).nnz == 0


def test_texts_without_a_shared_word_give_no_vocabulary():
    for texts in (["", "", "1 2"], [f"{chr(97 + i)}{chr(98 + i)}" for i in range(20)]):
        words = Words.of(pd.Series(texts), np.arange(len(texts)))

        assert words.vocabulary == ()
        assert words.encode(pd.Series(texts)).shape == (len(texts), 0)
