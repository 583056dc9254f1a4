"""Splits that cannot leak: rows are joined to components, and components are never cut."""

from overread.partition.folds import Fold, folds, refit
from overread.partition.grade import Grade, grade, grade_sentence
from overread.partition.prepare import Prepared, prepare
from overread.partition.sample_size import sample_size
from overread.partition.splits import partition

__all__ = ["Fold", "Grade", "Prepared", "folds", "grade", "grade_sentence", "partition", "prepare", "refit", "sample_size"]
