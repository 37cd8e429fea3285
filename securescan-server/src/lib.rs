//! The HTTP service of securescan, as a library.
