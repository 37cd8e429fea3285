//! `securescan serve`

use crate::args::ServeArgs;
use crate::exit::Exit;
use securescan_core::{Error, Result};

pub(crate) fn run(args: &ServeArgs) -> Result<Exit> {
    if args.workers != 1 {
        return Err(Error::invalid(format!("`--workers {}` is not supported", args.workers))
            .hint("leave it at 1: one process serves all cores"));
    }
    securescan_server::serve(&args.host, args.port)?;
    Ok(Exit::Ok)
}
