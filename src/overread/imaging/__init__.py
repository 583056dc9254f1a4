"""From a file to the pixels a network sees: reading, fitting, the cache, and what the file says of itself."""
