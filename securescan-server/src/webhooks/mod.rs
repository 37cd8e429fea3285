//! Webhooks: what was queued is sent.
//!
//! | module | what |
//! |---|---|
//! | `dispatcher` | who sends what when, over all webhooks |
//! | `retry` | what comes after a try: pure |
//! | `envelope` | the bytes of a delivery and its headers |
//! | `chat` | the forms that Slack and Discord take |
//! | `guard` | which URLs and addresses may be asked |
//! | `client` | one request to one address |
//!
//! What does not belong here: what is told of a scan, which is [`crate::runner`]'s; rows, which are [`crate::storage`]'s.

mod chat;
mod client;
mod dispatcher;
mod envelope;
mod guard;
mod retry;

pub(crate) use dispatcher::{Dispatcher, is_served};
pub(crate) use guard::{Allow, Target};

/// The one who can be asked to send a test, whatever a webhook wants to hear.
pub(crate) const TEST: &str = "webhook.test";

/// What a webhook may want to hear of.
pub(crate) const EVENTS: &[(&str, &str)] =
    &[("scan.complete", "scan.complete"), ("scan.failed", "scan.failed"), ("scanner.failed", "scanner.failed"), (TEST, TEST)];
