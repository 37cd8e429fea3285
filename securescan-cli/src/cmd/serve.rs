//! `securescan serve`

use crate::args::ServeArgs;
use crate::exit::Exit;
use securescan_core::{Error, Result};

pub(crate) fn run(args: &ServeArgs) -> Result<Exit> {
    if args.workers != 1 {
        return Err(Error::invalid(format!("`--workers {}` is not supported", args.workers))
            .hint("leave it at 1: one process serves all cores"));
    }
    serve(args)
}

#[cfg(feature = "serve")]
fn serve(args: &ServeArgs) -> Result<Exit> {
    securescan_server::serve(&args.host, args.port)?;
    Ok(Exit::Ok)
}

#[cfg(not(feature = "serve"))]
fn serve(_args: &ServeArgs) -> Result<Exit> {
    Err(Error::new(securescan_core::ErrorKind::Unsupported, "the service is not part of this package")
        .hint("install the program `securescan` itself"))
}
