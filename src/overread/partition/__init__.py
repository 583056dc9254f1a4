"""Splits that cannot leak: rows are joined to components, and components are never cut."""

from overread.partition.folds import Fold, folds, refit
from overread.partition.grade import Grade, grade, grade_sentence, protection
from overread.partition.prepare import Prepared, prepare
from overread.partition.sample_size import sample_size
from overread.partition.splits import on_published, partition

__all__ = [
    "Fold",
    "Grade",
    "Prepared",
    "folds",
    "grade",
    "grade_sentence",
    "on_published",
    "partition",
    "prepare",
    "protection",
    "refit",
    "sample_size",
]
