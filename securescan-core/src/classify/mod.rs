//! New, fixed, unchanged: diff and compare.
