//! GitHub: one summary comment, one review with comments at lines, one SARIF upload.
//!
//! Reading comes first: [`read`] asks the host for what is there, [`plan`] says which calls are missing (pure, so it can be shown
//! and tested), [`apply`] makes them. A run that was cut off needs no memory: the next one plans from what the host then has, and
//! one that has nothing to do writes nothing. Only what the token's own account wrote is believed: a marker in somebody else's
//! comment is text.
//!
//! A comment at a line whose finding is gone is struck through and says since when; it gets its text back when the finding is. It is
//! left as it is where nobody knows: a scanner did not finish, or there was no room for a comment any more.
//!
//! What is never done: deleting, resolving threads, moving comments at lines. A second summary comment of ours is left alone and
//! reported.
//!
//! # Source
//! Spec 04, section 10 with weak points 4 and 7 to 12; GitHub's REST API, version 2022-11-28.

mod apply;
mod call;
mod explain;
mod plan;
mod session;
mod state;
mod wanted;
mod wire;

pub use apply::{Done, apply};
pub use call::Call;
pub use plan::{Plan, plan};
pub use session::{Clock, MAX_WAIT, Session, SystemClock};
pub use state::{Analysis, HostComment, HostReview, HostState, read};
pub use wanted::{Review, ReviewComment, Sarif, Wanted};
pub use wire::{Answer, Host, Lost, Wire};

use crate::Result;

/// The version of the API that is spoken.
pub const API_VERSION: &str = "2022-11-28";
/// Where the API of github.com is.
pub const API: &str = "https://api.github.com";

/// How often the host is asked again after a call whose fate is unknown.
const ROUNDS: u32 = 4;

/// Reads, plans and applies, anew when the fate of a call is unknown: a connection that broke off, an error of the host's own.
///
/// # Errors
/// `invalid_argument` and `limit` for what cannot be published, before anything is written; `io` for what the host refused or
/// did not answer; `cancelled`. A later run goes on where this one ended.
pub fn publish(wanted: &Wanted, session: &Session<'_>) -> Result<Done> {
    wanted.check()?;
    let mut done = Done::default();
    for round in 1.. {
        let plan = plan(wanted, &read(wanted, session)?);
        done.notes.clone_from(&plan.notes);
        match apply(&plan.calls, wanted, session, &mut done) {
            Err(failure) if failure.unsure && round < ROUNDS => session.back_off(round)?,
            Err(failure) => return Err(failure.error),
            Ok(()) => break,
        }
    }
    Ok(done)
}
