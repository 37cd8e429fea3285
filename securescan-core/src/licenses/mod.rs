//! Licences: from what a package or a report says about one to a class of what it asks for. Pure: no scanner, no file.
//!
//! `expression` judges a statement, `names` knows the free-text ones, `classes` says what an SPDX id asks for and what to do.

mod classes;
mod expression;
mod names;

pub(crate) use classes::{Class, is_copyleft};
pub(crate) use expression::{Verdict, judge};
