//! What the commands around the service accept.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// Must stay 1.
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: u16,
    /// The database file [default: `SECURESCAN_DB_PATH`, else ~/.securescan/scans.db].
    #[arg(long, value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,
    /// Serve other machines although nobody has to authenticate.
    #[arg(long)]
    pub(crate) allow_unauthenticated: bool,
}

/// Which service is spoken to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceArgs {
    /// The service, as `http://host:port` [default: one on this machine's port 8000, else the database file].
    #[arg(long, value_name = "URL", env = "SECURESCAN_SERVER")]
    pub(crate) server: Option<String>,
    /// The service's key. Better in the environment, where it is in no shell history.
    #[arg(long, value_name = "KEY", env = "SECURESCAN_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// No service, whatever else says so: this database file, which needs no key.
    #[arg(long, value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,
    /// Print the service's answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct HistoryArgs {
    /// Print so many, newest first.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// First take over what a database of SecureScan for Python holds: scans, verdicts, keys, webhooks, bills. What is there stays;
    /// a second time adds nothing. Goes into the database file, not through a service.
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum TriageCommand {
    /// The findings of a scan, each with its verdict.
    List {
        /// The scan [default: the newest that is complete].
        scan: Option<String>,
        /// Only those with this verdict; `new` includes those without any.
        #[arg(long, value_name = "STATUS", value_enum)]
        status: Option<Verdict>,
        /// Also those that are suppressed.
        #[arg(long)]
        show_suppressed: bool,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Give a finding a verdict. It holds for every scan that finds the same again; `new` takes it back.
    Set {
        /// The finding's fingerprint, whole.
        fingerprint: String,
        /// The verdict.
        #[arg(value_enum)]
        status: Verdict,
        /// Why.
        #[arg(long)]
        note: Option<String>,
        /// Who says so [default: nobody].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Say something about a finding.
    Comment {
        /// The finding's fingerprint, whole.
        fingerprint: String,
        /// What.
        text: String,
        /// Who says so [default: nobody].
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// What was said about a finding.
    Comments {
        /// The finding's fingerprint, whole.
        fingerprint: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
}

/// What people made of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Not looked at.
    New,
    /// Looked at, and real.
    Triaged,
    /// Not real.
    FalsePositive,
    /// Real, and lived with.
    AcceptedRisk,
    /// Gone, as far as people know.
    Fixed,
    /// Real, and nobody will do anything.
    WontFix,
}

impl Verdict {
    /// The word of the service.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Triaged => "triaged",
            Self::FalsePositive => "false_positive",
            Self::AcceptedRisk => "accepted_risk",
            Self::Fixed => "fixed",
            Self::WontFix => "wont_fix",
        }
    }
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key. It is printed once and kept nowhere.
    Create {
        /// What it is for.
        name: String,
        /// What it may do; repeat, or a comma list. They do not include each other.
        #[arg(long, value_name = "SCOPE", value_delimiter = ',', default_value = "read,write", value_parser = ["read", "write", "admin"])]
        scope: Vec<String>,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Every key there was, newest first.
    List {
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// End a key for good.
    Revoke {
        /// Its id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// Call a URL when something ends. The secret that signs the calls is printed once.
    Create {
        /// What it is for.
        name: String,
        /// What is called, https as a rule.
        url: String,
        /// When; repeat, or a comma list.
        #[arg(long, value_name = "EVENT", value_delimiter = ',', default_value = "scan.complete,scan.failed", value_parser = ["scan.complete", "scan.failed", "scanner.failed", "webhook.test"])]
        event: Vec<String>,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Every webhook, newest first.
    List {
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// What was delivered lately, what failed, and what waits.
    Deliveries {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Send a test.
    Test {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Send a delivery again.
    Redeliver {
        /// The webhook's id.
        id: String,
        /// The delivery's id.
        delivery: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// A new secret, printed once; for a while calls are signed with both.
    Rotate {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Call it again.
    Enable {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Call it no more until it is enabled.
    Disable {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Remove it and what it has yet to deliver.
    Delete {
        /// The webhook's id.
        id: String,
        #[command(flatten)]
        service: ServiceArgs,
    },
}
