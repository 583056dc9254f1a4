"""One file a published layout of images and labels; each turns a path into a catalog."""
