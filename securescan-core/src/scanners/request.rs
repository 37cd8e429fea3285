//! What a caller asks of a scan.

use super::{Cancel, git};
use crate::model::ScanType;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What a scan should do. Every field has a documented default ([`ScanRequest::new`]).
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// A folder or a file. Empty: none, only what looks at a URL or a host runs.
    pub target: PathBuf,
    /// Where `dast` scanners look: `http://…` or `https://…`; default none.
    pub target_url: Option<String>,
    /// Where `network` scanners look: a host name, an address or a CIDR range; default none.
    pub target_host: Option<String>,
    /// Where ZAP listens; default `http://127.0.0.1:8090`.
    pub zap_address: Option<String>,
    /// What ZAP wants to see in `X-ZAP-API-Key`; default nothing.
    pub zap_api_key: Option<String>,
    /// Which kinds; empty: [`DEFAULT_TYPES`](super::DEFAULT_TYPES), or what the URL and host are for when there is no folder.
    pub types: Vec<ScanType>,
    /// Which scanners by name; empty: all of the kinds.
    pub scanners: Vec<String>,
    /// Threads; `None`: one a core.
    pub jobs: Option<usize>,
    /// Wall-clock limit for the whole scan; default none.
    pub timeout: Option<Duration>,
    /// Wall-clock limits by scanner name, and by `gitleaks` for what `git-hygiene` asks of it; default each scanner's own.
    pub scanner_timeouts: BTreeMap<String, Duration>,
    /// Semgrep rule files or folders to use instead of its registry; default none.
    pub semgrep_rules: Vec<PathBuf>,
    /// Whether tools may fetch rules, advisories and databases from their makers; default yes.
    pub online: bool,
    /// Look at files that `.gitignore` and the like exclude; default no.
    pub no_ignore: bool,
    /// Look at vendored trees (`node_modules`, `site-packages`, `vendor`, …); default no.
    pub vendored: bool,
    /// Larger files are skipped and listed in the coverage; default 10 MiB.
    pub max_file_bytes: u64,
    /// Look at what is staged in git instead of the working tree; default no.
    pub staged: bool,
    /// With `staged`: look at these files and folders below the target as the index has them, whether they differ from the last
    /// commit or not; empty: at what is staged.
    pub staged_paths: Vec<String>,
    /// With `staged`: what git told the hook that asks; default nothing.
    pub hook: git::HookEnv,
    /// Look for secrets in the whole git history too, each blob once; default no.
    pub history: bool,
    /// The `baseline` scanner also probes this machine; default no (always for target `/`).
    pub host_probes: bool,
    /// Extra secret rules: gitleaks-format TOML files.
    pub secret_rules: Vec<PathBuf>,
    /// Where tools are, by scanner name (`npm-audit`, and `gitleaks` for what `git-hygiene` asks of it): looked at before
    /// anything else and taken at their word; default none.
    pub tool_paths: BTreeMap<String, PathBuf>,
    /// Stops the scan from outside.
    pub cancel: Cancel,
}

impl ScanRequest {
    /// A request with every default.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        Self {
            target: target.into(),
            target_url: None,
            target_host: None,
            zap_address: None,
            zap_api_key: None,
            types: Vec::new(),
            scanners: Vec::new(),
            jobs: None,
            timeout: None,
            scanner_timeouts: BTreeMap::new(),
            semgrep_rules: Vec::new(),
            online: true,
            no_ignore: false,
            vendored: false,
            max_file_bytes: 10 << 20,
            staged: false,
            staged_paths: Vec::new(),
            hook: git::HookEnv::default(),
            history: false,
            host_probes: false,
            secret_rules: Vec::new(),
            tool_paths: BTreeMap::new(),
            cancel: Cancel::new(),
        }
    }
}
