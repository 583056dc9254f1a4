"""Published formats of weights, one file each: how its tensors are told from others', and what they are called in timm."""
