"""Where a network looked: heat maps with their raw magnitude, one method a file. A map is a hypothesis, not a proof."""
