//! What the command line accepts. Help texts live here and nowhere else.

mod service;

pub(crate) use service::{HistoryArgs, KeysCommand, ServeArgs, ServiceArgs, TriageCommand, WebhooksCommand};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds secrets, insecure Dockerfiles, risky licences and weak host settings, and says what is new.
#[derive(Debug, Parser)]
#[command(name = "securescan", version, propagate_version = true, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) manners: Manners,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0    complete, nothing at or above the gate
  1    the gate failed (--fail-on-severity, --fail-on-count)
  2    usage, configuration, input or git error, found before any scanner starts
  3    incomplete: a scanner failed or timed out and a gate was asked for
  130  interrupted (143: terminated); what was written is marked incomplete

The result goes to standard output, everything else to standard error. NO_COLOR is honoured.";

/// How the program behaves towards a person; accepted everywhere.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Manners")]
pub(crate) struct Manners {
    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: remediation in text output, every file that was not looked at.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// When to colour text.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan a folder, a file, a URL or a host.
    Scan(ScanArgs),
    /// Read reports of any tools into one result.
    Import(ImportArgs),
    /// What a change brings in and fixes: two revisions of a repository, or two snapshots.
    Diff(DiffArgs),
    /// What changed since a baseline: new, disappeared, still present.
    Compare(CompareArgs),
    /// Record the current findings, so that later runs report only what is new.
    Baseline(BaselineArgs),
    /// Write the files a project needs: configuration, GitHub workflow, empty baseline.
    Init(InitArgs),
    /// What git runs before a commit: looks at what is staged, and refuses it from `high` upwards.
    PreCommit(PreCommitArgs),
    /// List what a project is made of: a bill of materials from its manifests and lock files.
    Sbom(SbomArgs),
    /// Bring rendered results to where people read them.
    #[command(subcommand, arg_required_else_help = true)]
    Publish(PublishCommand),
    /// Check the configuration file.
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// List the scanners and whether each can run here, in which version.
    Status,
    /// List what there is: scanners, report formats, output formats, rules.
    List {
        /// What to list.
        #[arg(value_enum)]
        what: ListWhat,
    },
    /// Say what is known of a rule or a finding.
    Explain(ExplainArgs),
    /// Run one operation of the engine: JSON request on standard input, JSON answer on standard output.
    Call(CallArgs),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Run the HTTP service.
    Serve(ServeArgs),
    /// List the scans that the service has on record.
    History(HistoryArgs),
    /// Record what people made of findings: verdicts and comments.
    #[command(subcommand, arg_required_else_help = true)]
    Triage(TriageCommand),
    /// Make, list and revoke the keys of the service.
    #[command(subcommand, arg_required_else_help = true)]
    Keys(KeysCommand),
    /// Tell other programs of the ends of scans.
    #[command(subcommand, arg_required_else_help = true)]
    Webhooks(WebhooksCommand),
}

/// What `init` writes.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArgs {
    /// The folder of the project.
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Overwrite files that are there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Ask nothing; nothing is asked either where there is no terminal.
    #[arg(long)]
    pub(crate) no_prompt: bool,
    /// No GitHub workflow.
    #[arg(long)]
    pub(crate) no_workflow: bool,
    /// No empty baseline.
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Fail from this severity upwards: critical, high, medium, low.
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    pub(crate) threshold: String,
    /// What to scan for, a comma list [default: what the files of the project ask for].
    #[arg(long, value_name = "TYPES")]
    pub(crate) scan_types: Option<String>,
}

/// What to look at and how; shared by the commands that scan.
#[derive(Debug, Clone, Args)]
pub(crate) struct LookArgs {
    /// Folder or file to scan; a URL (http://…) for dast; with `--type network` a host, an address or a CIDR range.
    #[arg(default_value = ".")]
    pub(crate) target: PathBuf,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// How to look at it.
#[derive(Debug, Clone, Args)]
pub(crate) struct HowArgs {
    /// Kinds of scan: code, dependency, iac, baseline, dast, network [default: from the configuration, else what fits the target: the first four for a folder]. Repeatable, or a comma list.
    #[arg(short = 't', long = "type", value_name = "TYPE", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) types: Vec<String>,
    /// Only these scanners (see `securescan status`). Repeatable, or a comma list.
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) scanner: Vec<String>,
    /// Where dast scanners look, beside the folder that is scanned.
    #[arg(long, value_name = "URL")]
    pub(crate) target_url: Option<String>,
    /// Where network scanners look, beside the folder that is scanned.
    #[arg(long, value_name = "HOST")]
    pub(crate) target_host: Option<String>,
    /// Exit 3 unless this scanner completed, gate or not. Repeatable, or a comma list.
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub(crate) require: Vec<String>,
    /// Let no scanner fetch rules or advisories from its maker.
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The baseline scanner also probes this machine, not only files below the target.
    #[arg(long)]
    pub(crate) baseline_host_probes: bool,
    /// Look at files that .gitignore and the like exclude, too.
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Look into vendored folders (node_modules, site-packages, .venv, …), too.
    #[arg(long)]
    pub(crate) vendored: bool,
    /// Files larger than this are listed as not looked at. Accepts k, M, G.
    #[arg(long, value_name = "SIZE", default_value = "10M", value_parser = size)]
    pub(crate) max_file_size: u64,
    /// Extra secret rules: a TOML file in our own or in gitleaks' format. Repeatable.
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) secret_rules: Vec<PathBuf>,
    /// Extra compliance frameworks: a folder of JSON files.
    #[arg(long, value_name = "DIR", env = "SECURESCAN_COMPLIANCE_DATA_DIR")]
    pub(crate) compliance_dir: Option<PathBuf>,
    /// Threads [default: one a core].
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) jobs: Option<u16>,
    /// Stop the whole scan after this many seconds, or with NAME=SECONDS one scanner. Repeatable.
    #[arg(long, value_name = "[NAME=]SECONDS", value_parser = timeout, action = ArgAction::Append)]
    pub(crate) timeout: Vec<(Option<String>, u32)>,
}

/// Which configuration counts.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: .securescan.yml of the target or the folders above it].
    #[arg(long = "config", value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) file: Option<PathBuf>,
    /// Ignore any configuration file.
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// What counts against the result, and what does not.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gate and suppression")]
pub(crate) struct JudgeArgs {
    /// Fail (exit 1) when more than this many findings are left.
    #[arg(long, value_name = "N")]
    pub(crate) fail_on_count: Option<u64>,
    /// Suppress what this baseline file records.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// A missing baseline file is an error (exit 2) instead of a warning.
    #[arg(long, requires = "baseline")]
    pub(crate) strict_baseline: bool,
    /// Suppress nothing: inline comments, configuration and baseline are not honoured.
    #[arg(long)]
    pub(crate) no_suppress: bool,
    /// With a gate: an incomplete scan does not fail (exit 3).
    #[arg(long)]
    pub(crate) allow_incomplete: bool,
}

/// What to show and where.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ShowArgs {
    /// Output format, with `=FILE` into a file; `securescan list outputs` names them [default: text on a terminal, else json]. Repeatable: several renderings of one run.
    #[arg(short, long, value_name = "FORMAT[=FILE]", action = ArgAction::Append)]
    pub(crate) output: Vec<String>,
    /// Write the result to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// Show suppressed findings, marked as such [default: only in text on a terminal].
    #[arg(long, overrides_with = "hide_suppressed")]
    pub(crate) show_suppressed: bool,
    /// Hide suppressed findings.
    #[arg(long, overrides_with = "show_suppressed")]
    pub(crate) hide_suppressed: bool,
    /// Fail (exit 1) when a finding of this severity or above is left: critical, high, medium, low, info, none.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on_severity: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Look at what is staged in git instead of the working tree.
    #[arg(long)]
    pub(crate) staged: bool,
    /// Look for secrets in the whole git history, too (each blob once).
    #[arg(long, conflicts_with = "staged")]
    pub(crate) history: bool,
    /// Accepted for compatibility: this command never uses AI.
    #[arg(long, hide = true, conflicts_with = "ai")]
    pub(crate) no_ai: bool,
    /// Refused with a reason.
    #[arg(long, hide = true)]
    pub(crate) ai: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Reports; `-` is standard input. Formats are told from the content (`securescan list formats`).
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The format of all of them, when the content does not tell.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<String>,
    /// As parsed: nothing merged, suppressed, overridden, sorted or gated.
    #[arg(long, conflicts_with_all = ["baseline", "fail_on_count", "fail_on_severity"])]
    pub(crate) raw: bool,
    /// The folder that was scanned: source lines and inline ignores are read from it, absolute paths below it become relative.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) root: PathBuf,
    /// The folder that was scanned as the reports write it, when that is another (`/src` in a container).
    #[arg(long, value_name = "PREFIX")]
    pub(crate) strip: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Extra compliance frameworks: a folder of JSON files.
    #[arg(long, value_name = "DIR", env = "SECURESCAN_COMPLIANCE_DATA_DIR")]
    pub(crate) compliance_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListWhat {
    /// The scanners, in registry order.
    Scanners,
    /// The report formats that `import` reads.
    Formats,
    /// The formats that `--output` writes.
    Outputs,
    /// The rules of the built-in scanners.
    Rules,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// A rule id (`B602`, `dockerfile/missing-user`), or a finding's id (`f-…`) or fingerprint (8 digits or more).
    #[arg(value_name = "RULE_OR_ID")]
    pub(crate) what: String,
    /// Where to look for the finding: a snapshot, or any report. Repeatable.
    #[arg(long = "in", value_name = "FILE", action = ArgAction::Append)]
    pub(crate) files: Vec<PathBuf>,
    /// The folder that was scanned, for the source lines that identity is made from.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) root: PathBuf,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Two forms:
  securescan diff [TARGET] --base-ref main            the change from where HEAD left main (three dots)
  securescan diff --base-snapshot A --head-snapshot B  two results of `scan --output snapshot` (or json)")]
pub(crate) struct DiffArgs {
    /// The revision before: a branch, tag or commit.
    #[arg(long, value_name = "REF", visible_alias = "base")]
    pub(crate) base_ref: Option<String>,
    /// The revision after [default: HEAD].
    #[arg(long, value_name = "REF", visible_alias = "head", requires = "base_ref")]
    pub(crate) head_ref: Option<String>,
    /// Compare with the base itself instead of the commit where the head left it.
    #[arg(long, requires = "base_ref")]
    pub(crate) base_exact: bool,
    /// Look at every file on both sides; the result is the same, only slower.
    #[arg(long, requires = "base_ref")]
    pub(crate) full: bool,
    /// Neither use nor keep results of slow scanners over the base. They are kept below ~/.cache/securescan (XDG_CACHE_HOME counts).
    #[arg(long, requires = "base_ref")]
    pub(crate) no_cache: bool,
    /// Where they are kept instead; an empty value is --no-cache.
    #[arg(long, value_name = "DIR", env = "SECURESCAN_CACHE_DIR", hide_env_values = true, value_parser = clap::builder::OsStringValueParser::new())]
    pub(crate) cache_dir: Option<std::ffi::OsString>,
    /// Whose configuration, baseline and comments suppress: head's, or what base had already.
    #[arg(long, value_name = "SIDE", default_value = "head", requires = "base_ref")]
    pub(crate) policy_from: PolicySide,
    /// Snapshot of the side before (`securescan scan --output snapshot`, or --output json).
    #[arg(long, value_name = "FILE", conflicts_with = "base_ref", requires = "head_snapshot")]
    pub(crate) base_snapshot: Option<PathBuf>,
    /// Snapshot of the side after.
    #[arg(long, value_name = "FILE", conflicts_with = "base_ref", requires = "base_snapshot")]
    pub(crate) head_snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Accepted for compatibility: this command never uses AI.
    #[arg(long, hide = true)]
    pub(crate) no_ai: bool,
}

/// Whose policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicySide {
    /// What the change itself suppresses counts as new.
    Base,
    /// What the change suppresses is suppressed, and counted apart.
    Head,
}

/// Where the code is hosted, for links and comments.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Code host")]
pub(crate) struct HostArgs {
    /// OWNER/NAME on the code host, for links.
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    pub(crate) repo: Option<String>,
    /// The commit that links point to [default: the head commit].
    #[arg(long, value_name = "SHA")]
    pub(crate) sha: Option<String>,
    /// What a review does beside commenting (github-review).
    #[arg(long, value_name = "EVENT", default_value = "COMMENT", value_parser = ["COMMENT", "REQUEST_CHANGES", "APPROVE"])]
    pub(crate) review_event: String,
    /// Leave out what readers may commit or copy (github-review).
    #[arg(long)]
    pub(crate) no_suggestions: bool,
}

#[derive(Debug, Clone, Args)]
#[command(override_usage = "securescan compare [OPTIONS] [PATH] <BASELINE>")]
pub(crate) struct CompareArgs {
    /// The folder to scan [default: .], then the baseline file; or the baseline file alone.
    #[arg(value_name = "PATH> <BASELINE", num_args = 1..=2, required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// Suppress nothing: inline comments and configuration are not honoured.
    #[arg(long)]
    pub(crate) no_suppress: bool,
    /// Accepted for compatibility: this command never uses AI.
    #[arg(long, hide = true)]
    pub(crate) no_ai: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Over an existing baseline, what it takes in and lets go is told on standard error. An entry
is let go only when its scanner looked again where it was and did not find it; entries of
scanners that did not run, or that did not look at the file, stay. Findings and entries are
paired as by `securescan compare`. With --fresh none of this applies.")]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Where to write.
    #[arg(short, long = "output-file", value_name = "FILE", default_value = ".securescan/baseline.json")]
    pub(crate) output_file: PathBuf,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Record this scan alone: what the file holds already, readable or not, counts for nothing.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Accepted for compatibility: this command never uses AI.
    #[arg(long, hide = true)]
    pub(crate) no_ai: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Looks at the index, so at what the commit will hold, whatever the working tree has. The
configuration and the baseline are read from the index, too, when they are in it. Without
--type and --scanner only scanners run that look at the files in question: secrets,
dockerfile and git-hygiene, as far as `scan_types` of the configuration names their kind.

Exit codes: 0 nothing at or above the gate, or nothing staged; 1 the gate failed; 2 usage,
configuration or git error; 3 a scanner failed. Anything but 0 stops the commit;
`git commit --no-verify` goes round the hook.")]
pub(crate) struct PreCommitArgs {
    /// Look at these files and folders, as the index has them, instead of at what is staged.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    /// Refuse the commit (exit 1) when a finding of this severity or above is left: critical, high, medium, low, info, none [default: from the configuration, else high].
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on_severity: Option<String>,
    /// Suppress what this baseline file records [default: .securescan/baseline.json of the repository, if it has one].
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Suppress nothing by a baseline.
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) no_baseline: bool,
    /// Let a commit pass although a scanner failed.
    #[arg(long)]
    pub(crate) allow_incomplete: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SbomArgs {
    /// The project's folder, or one manifest or lock file.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// cyclonedx (1.6 JSON) or spdx (2.3 JSON).
    #[arg(short, long, value_name = "FORMAT", default_value = "cyclonedx", value_parser = ["cyclonedx", "spdx"])]
    pub(crate) format: String,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// What the bill is of [default: what the project's manifests call it, else the folder's name].
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// When it was made, as 2026-01-31T12:00:00Z [default: not said, so that the same files give the same bytes].
    #[arg(long, value_name = "TIME", env = "SECURESCAN_FAKE_NOW")]
    pub(crate) created: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PublishCommand {
    /// To a pull request on GitHub: a summary comment, a review with comments at lines, SARIF. The token comes from GITHUB_TOKEN.
    ///
    /// Reads what is there and makes only the calls that are missing, so it can be run again at any time.
    Github(PublishGithubArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PublishGithubArgs {
    /// Number of the pull request [default: from the event in GITHUB_EVENT_PATH].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) pr: Option<u64>,
    /// The repository.
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    pub(crate) repo: Option<String>,
    /// The commit that was scanned [default: the head of the pull request in the event, else GITHUB_SHA].
    #[arg(long, value_name = "SHA")]
    pub(crate) sha: Option<String>,
    /// The ref that SARIF belongs to [default: the head of the pull request, else GITHUB_REF].
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) git_ref: Option<String>,
    /// The summary comment (`--output github-pr-comment`).
    #[arg(long, value_name = "FILE")]
    pub(crate) comment: Option<PathBuf>,
    /// The review (`--output github-review`).
    #[arg(long, value_name = "FILE")]
    pub(crate) review: Option<PathBuf>,
    /// The SARIF file (`--output sarif`).
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Root of the API [default: api.github.com over https].
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL")]
    pub(crate) api_url: Option<String>,
    /// The login that comments of this token carry [default: asked for; for a token of an app, that of GitHub Actions].
    #[arg(long, value_name = "LOGIN")]
    pub(crate) author: Option<String>,
    /// Read what is there, print the calls that are missing, make none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What cannot be published is a warning, not an error.
    #[arg(long)]
    pub(crate) soft: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Lint a configuration file: unknown keys, bad severities, missing rule packs, contradictions.
    Validate {
        /// The file [default: the one found from the current folder upwards].
        path: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CallArgs {
    /// The operation; `--list` names them.
    #[arg(required_unless_present = "list")]
    pub(crate) operation: Option<String>,
    /// List the operations.
    #[arg(long)]
    pub(crate) list: bool,
}

/// `500`, `64k`, `10M`, `2G`, with an optional `B` or `iB`; powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = lower.strip_prefix(digits).unwrap_or_default();
    let shift = match unit.trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err(format!("`{text}` is not a size; write it like 500k, 10M or 2G")),
    };
    let number: u64 = digits.trim().parse().map_err(|_| format!("`{text}` is not a size; write it like 500k, 10M or 2G"))?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("`{text}` is too large"))
}

/// `60`, or `semgrep=60`.
fn timeout(text: &str) -> Result<(Option<String>, u32), String> {
    let (name, seconds) = text.rsplit_once('=').map_or((None, text), |(name, seconds)| (Some(name.to_owned()), seconds));
    match seconds.trim().parse() {
        Ok(seconds) if seconds > 0 => Ok((name, seconds)),
        _ => Err(format!("`{text}` is not a time limit; write it like 600 or semgrep=120, in seconds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!((size("500"), size("64k"), size("10MiB")), (Ok(500), Ok(64 << 10), Ok(10 << 20)));
        assert!(size("x").is_err() && size("-1").is_err() && size("99999999999G").is_err());
    }
}
