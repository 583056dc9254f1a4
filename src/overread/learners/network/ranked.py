"""The loss of classes that have an order: an answer far off costs more than one next to the truth."""

import torch
from torch import Tensor


def ranked_ignorance(logits: Tensor, codes: Tensor) -> Tensor:
    """The logarithmic ranked probability score of softmax probabilities, per row.

    Each of the C - 1 cuts between neighbouring classes asks "above it?"; the answer is the sum of the probabilities above, and the score
    the sum of the binary cross-entropies of these answers, in nats. It is strictly proper: what scores best on average is the truth.
    With two classes it is the cross-entropy. Toedter & Ahrens 2012, "Generalization of the ignorance score: continuous ranked version and
    its decomposition", Monthly Weather Review 140(6).

    Parameters
    ----------
    logits : (n, C) float32; any that are finite have a finite score and gradient
    codes : (n,) int64 in [0, C)

    Returns
    -------
    (n,) float32
    """
    log_p = logits.log_softmax(1)
    each = torch.zeros_like(log_p[:, 0])
    for cut in range(1, logits.shape[1]):
        below, above = log_p[:, :cut].logsumexp(1), log_p[:, cut:].logsumexp(1)
        each = each - torch.where(codes >= cut, above, below)
    return each
