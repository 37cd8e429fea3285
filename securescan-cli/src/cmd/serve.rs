//! `securescan serve`

use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::output::Voice;
use securescan_core::{Error, Result};
use securescan_server::ServeOptions;

pub(crate) fn run(args: &ServeArgs, voice: Voice) -> Result<Exit> {
    if args.workers != 1 {
        return Err(Error::invalid(format!("`--workers {}` is not supported", args.workers))
            .hint("leave it at 1: one process serves all cores"));
    }
    let options = ServeOptions {
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
