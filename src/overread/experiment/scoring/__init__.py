"""From judged cases to what a folder says of them: figures, mistakes, heat maps, what routing costs."""
