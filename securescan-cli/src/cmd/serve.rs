//! `securescan serve`

use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::output::Voice;
use securescan_core::{Error, Result};

pub(crate) fn run(args: &ServeArgs, voice: Voice) -> Result<Exit> {
    if args.workers != 1 {
        return Err(Error::invalid(format!("`--workers {}` is not supported", args.workers))
            .hint("leave it at 1: one process serves all cores"));
    }
    serve(args, voice)
}

#[cfg(feature = "serve")]
fn serve(args: &ServeArgs, voice: Voice) -> Result<Exit> {
    let options = securescan_server::ServeOptions {
        host: args.host.clone(),
        port: args.port,
        database: args.database.clone(),
        allow_unauthenticated: args.allow_unauthenticated,
    };
    Ok(match securescan_server::serve(&options) {
        Ok(()) => Exit::Ok,
        Err(start) => {
            voice.error(&start.error);
            Exit::Error(start.exit)
        }
    })
}

#[cfg(not(feature = "serve"))]
fn serve(_args: &ServeArgs, _voice: Voice) -> Result<Exit> {
    Err(Error::new(securescan_core::ErrorKind::Unsupported, "the service is not part of this package")
        .hint("install the program `securescan` itself"))
}
