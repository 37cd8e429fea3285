//! Risk score, summary and threshold.
