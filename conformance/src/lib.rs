//! The Rust side of the conformance suite: reads the cases, judges an answer, packs them for C.
//!
//! A case is one JSON file, `conformance/<operation>/NNN-slug.json`, in the form of `case.schema.json`. Every surface
//! runs every case over the same facade; what an answer must be is said in the case and nowhere else.

mod case;
mod judge;
mod pack;

pub use case::{Case, Expected, Suite};
pub use judge::{Tally, judge};
pub use pack::pack;

use std::path::{Path, PathBuf};

/// The folder of the cases in this repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
