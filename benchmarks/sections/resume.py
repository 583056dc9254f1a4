"""Whether a training that was killed gives what it would have given."""

from sections.text import Entry, made, table

SAID = """## Does a killed run lose anything?

A training of {epochs} epochs with augmentation, a sampler and dropout, killed (SIGKILL) and resumed until done, against the one left alone.
{equal} of {kills} runs killed once ended in its figures, its predictions and its model, byte for byte; the one that was killed
{in_turn} times in turn {outcome}. A checkpoint takes {checkpoint_seconds:g} s, an epoch of the whole network {epoch_seconds:g} s.
"""


def section(told: Entry) -> str:
    """Every kill: when, and whether it left a trace."""
    outcome = "did as well" if told["in_turn"]["equal"] else "did not"
    said = SAID.format(
        **{
            **told,
            "equal": sum(row["equal"] for row in told["rows"]),
            "kills": len(told["rows"]),
            "in_turn": len(told["in_turn"]["kills"]),
            "outcome": outcome,
        }
    )
    rows = [
        (row["killed"], row["when"], str(row["epochs_finished"]), str(row["epochs_lost"]), "yes" if row["equal"] else "NO", str(row["test_reads"]))
        for row in told["rows"]
    ]
    head = ("killed", "when", "epochs finished", "of these run again", "equal in the end", "readings of test")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/resume.py")])
