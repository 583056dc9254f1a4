"""Why an image cannot be read, in words fit for the list of rejected rows."""


class Unreadable(ValueError):
    """A file that gives no picture; its message is a short reason that names no file, since names are often patient ids."""
