"""Splits that cannot leak: rows are joined to components, and components are never cut."""

from overread.partition.deviation import deviation
from overread.partition.folds import Fold, folds, inner_folds, refit
from overread.partition.grade import Grade, grade, grade_sentence, protection
from overread.partition.prepare import Prepared, prepare
from overread.partition.published import on_published, repair_cost
from overread.partition.sample_size import sample_size
from overread.partition.splits import check_plan, partition, wished

__all__ = [
    "Fold",
    "Grade",
    "Prepared",
    "check_plan",
    "deviation",
    "folds",
    "grade",
    "grade_sentence",
    "inner_folds",
    "on_published",
    "partition",
    "prepare",
    "protection",
    "refit",
    "repair_cost",
    "sample_size",
    "wished",
]
