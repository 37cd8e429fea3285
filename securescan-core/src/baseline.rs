//! The baseline file.
