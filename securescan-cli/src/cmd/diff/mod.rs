//! `securescan diff`: what a change brings in and fixes, between two revisions or two snapshots.

mod revisions;
mod snapshots;

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::output::Voice;
use securescan_core::{Error, Result};

pub(crate) fn run(args: &DiffArgs, voice: Voice) -> Result<Exit> {
    match (&args.base_ref, &args.base_snapshot, &args.head_snapshot) {
        (Some(base), ..) => revisions::run(args, base, voice),
        (None, Some(base), Some(head)) => snapshots::run(args, base, head, voice),
        _ => Err(Error::invalid("nothing to compare").hint(
            "name a revision (--base-ref main, with --head-ref HEAD by default), or two snapshots (--base-snapshot A --head-snapshot B)",
        )),
    }
}
