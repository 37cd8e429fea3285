//! The canonical order of findings.

use crate::model::Finding;
use std::cmp::Ordering;

/// Compares two findings.
pub fn compare(_a: &Finding, _b: &Finding) -> Ordering {
    Ordering::Equal
}
