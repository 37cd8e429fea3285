//! What the dashboard's first pages show: scanners and whether they can run, sums, days, and the installing of a scanner.

use super::params::Id;
use super::table::{Answer, READ, Route, Shape, WRITE};
use crate::auth::{Principal, Source};
use crate::error::{ApiError, ApiResult};
use crate::install::{Order, Outcome, PACKAGES, Package};
use crate::middleware::RequestId;
use crate::state::AppState;
use crate::storage::Deed;
use crate::time::{self, SECOND};
use crate::validate::query::{Kind, Param, Query};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Extension, Json};
use securescan_core::ScanType;
use securescan_core::scanners::{self, ScannerMeta, Status};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A day, in microseconds.
const DAY: i64 = 24 * 3600 * SECOND;

const TRENDS: &[Param] = &[Param::optional("days", Kind::Int(1, 365), "how many days back; 30 when absent")];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "dashboard",
        summary: "Every scanner, and whether it can run here",
        answers: &[Answer::new(200, "Asked of each of them now", Shape::One("DashboardStatus"))],
        ..Route::new("GET", "/dashboard/status", READ, "scanner_status", || get(status))
    },
    Route {
        tag: "dashboard",
        summary: "Sums over all scans",
        answers: &[Answer::new(200, "The sums", Shape::One("DashboardStats"))],
        ..Route::new("GET", "/dashboard/stats", READ, "aggregate_stats", || get(stats))
    },
    Route {
        tag: "dashboard",
        summary: "The last completed scan of each day, oldest first",
        query: TRENDS,
        answers: &[Answer::new(200, "A point for each day (UTC) that has one", Shape::One("Trends"))],
        ..Route::new("GET", "/dashboard/trends", READ, "trends", || get(trends))
    },
    Route {
        tag: "dashboard",
        summary: "Install a scanner, in a fixed release and a folder of its own",
        answers: &[
            Answer::new(200, "How it ended", Shape::One("Installed")),
            Answer::error(400, "No scanner that can be installed"),
            Answer::error(403, "Installing is off, or nobody has to authenticate"),
            Answer::error(409, "Another installation is under way"),
        ],
        ..Route::new("POST", "/dashboard/install/{scanner_name}", WRITE, "install_scanner", || post(install))
    },
];

/// Every scanner.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardStatus {
    scanners: Vec<ScannerLine>,
    /// With an offset, unlike other times.
    checked_at: String,
    /// Whether this service installs scanners at all.
    install_enabled: bool,
}

/// One scanner.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScannerLine {
    name: &'static str,
    #[schema(value_type = super::scans::ScanTypeWord)]
    scan_type: ScanType,
    available: bool,
    message: String,
    description: &'static str,
    /// What it looks for, in a few words each.
    checks: &'static [&'static str],
    #[schema(required)]
    install_hint: Option<&'static str>,
    /// Whether `/dashboard/install` knows it.
    installable: bool,
    #[schema(required)]
    version: Option<String>,
    /// Whether it is there, able to run or not.
    installed: bool,
    #[schema(required)]
    notes: Option<String>,
}

/// Sums.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardStats {
    total_scans: i64,
    /// Over all scans, suppressed ones included.
    total_findings: i64,
    /// Over the scans that have a score; 0 without any.
    average_risk_score: f64,
    /// Scans that have a score.
    completed_scans: i64,
    /// Over all scans, as the ones that follow; suppressed ones left out.
    critical: i64,
    high: i64,
    medium: i64,
    low: i64,
    info: i64,
    #[schema(required)]
    last_completed_at: Option<String>,
    /// How many scans are in each state.
    #[schema(value_type = Object)]
    scans_by_status: BTreeMap<String, i64>,
}

/// Days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trends {
    data: Vec<TrendPoint>,
}

/// A day and the last completed scan of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrendPoint {
    /// `2026-11-23`, UTC.
    date: String,
    risk_score: f64,
    /// Suppressed ones left out.
    total_findings: i64,
    critical: i64,
    high: i64,
    medium: i64,
    low: i64,
    info: i64,
    scan_id: String,
}

/// How an installation ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Installed {
    success: bool,
    message: String,
    /// The end of what the package manager said.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// The folder that must be on the service's `PATH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// What each scanner looks for, in a few words; what is not listed has nothing to add to its description.
const CHECKS: &[(&str, &[&str])] = &[
    ("semgrep", &["injection", "unsafe deserialization", "weak cryptography", "framework misuse"]),
    ("bandit", &["use of eval and exec", "shell injection", "weak hashes", "hard-coded passwords"]),
    ("trivy", &["vulnerable packages of lock files", "vulnerable packages of images' files"]),
    ("checkov", &["Terraform", "CloudFormation", "Kubernetes manifests", "Dockerfiles"]),
    ("baseline", &["SSH configuration", "file permissions", "kernel settings", "accounts"]),
    ("secrets", &["cloud keys", "tokens of services", "private keys", "passwords", "git history"]),
    ("safety", &["vulnerable Python packages"]),
    ("licenses", &["copyleft licences", "unknown licences"]),
    ("dockerfile", &["root user", "secrets in the image", "unpinned base images", "piped downloads"]),
    ("npm-audit", &["vulnerable npm packages"]),
    ("git-hygiene", &["keys and databases in the repository", "missing ignore rules"]),
    ("builtin_dast", &["security headers", "cookies", "TLS", "cross-origin access", "exposed files"]),
    ("zap", &["cross-site scripting", "injection", "misconfiguration"]),
    ("nmap", &["open ports", "service versions"]),
];

/// What can be installed of this name.
fn package(name: &str) -> Option<&'static Package> {
    PACKAGES.iter().find(|package| package.scanner == name)
}

impl From<Status> for ScannerLine {
    fn from(Status { meta, probe }: Status) -> Self {
        let message = match (probe.available, probe.installed) {
            (true, _) => format!("{} is available", meta.name),
            (false, true) => {
                format!("{} cannot run here: {}", meta.name, probe.notes.as_deref().unwrap_or("for an unknown reason"))
            }
            (false, false) => missing(meta, probe.notes.as_deref()),
        };
        Self {
            name: meta.name,
            scan_type: meta.scan_type,
            available: probe.available,
            message,
            description: meta.about,
            checks: CHECKS.iter().find(|(name, _)| *name == meta.name).map_or(&[], |(_, checks)| checks),
            install_hint: meta.install_hint.filter(|_| !probe.available),
            installable: package(meta.name).is_some() && meta.install_hint.is_some(),
            version: probe.version,
            installed: probe.installed,
            notes: probe.notes,
        }
    }
}

fn missing(meta: &ScannerMeta, notes: Option<&str>) -> String {
    let how = meta.install_hint.map(|hint| match hint.starts_with("See ") {
        true => format!(". {hint}"),
        false => format!(". Install with: {hint}"),
    });
    let why = notes.filter(|why| *why != "not installed").map(|why| format!(" ({why})"));
    format!("{} is not installed{}{}", meta.name, why.unwrap_or_default(), how.unwrap_or_default())
}

async fn status(State(state): State<AppState>) -> ApiResult<Json<DashboardStatus>> {
    // One asking at a time, whoever asks: each starts a dozen programs.
    static ASKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let turn = ASKING.lock().await;
    let found = tokio::task::spawn_blocking(scanners::status).await.map_err(|e| ApiError::Fault(e.to_string()))?;
    drop(turn);
    Ok(Json(DashboardStatus {
        scanners: found.into_iter().map(ScannerLine::from).collect(),
        checked_at: format!("{}+00:00", time::zulu(time::now()).trim_end_matches('Z')),
        install_enabled: state.settings.allow_install,
    }))
}

async fn stats(State(state): State<AppState>) -> ApiResult<Json<DashboardStats>> {
    let stats = state.store.stats().await?;
    let [critical, high, medium, low, info] = stats.severities;
    Ok(Json(DashboardStats {
        total_scans: stats.scans,
        total_findings: stats.findings,
        average_risk_score: stats.average.map_or(0.0, |mean| (mean * 100.0).round() / 100.0),
        completed_scans: stats.scored,
        critical,
        high,
        medium,
        low,
        info,
        last_completed_at: stats.last_completed_at.map(time::wire),
        scans_by_status: state.store.scans_by_status().await?.into_iter().collect(),
    }))
}

async fn trends(State(state): State<AppState>, uri: Uri) -> ApiResult<Json<Trends>> {
    let days = Query::read(&uri, TRENDS)?.int("days").unwrap_or(30);
    // Whole days: today and those before it.
    let today = time::now().div_euclid(DAY) * DAY;
    let rows = state.store.days(today - (days - 1) * DAY).await?;
    let point = |day: crate::storage::Day| {
        let [critical, high, medium, low, info] = day.severities;
        TrendPoint {
            date: time::to_second(day.at).chars().take(10).collect(),
            risk_score: day.risk_score,
            total_findings: critical + high + medium + low + info,
            critical,
            high,
            medium,
            low,
            info,
            scan_id: day.scan_id,
        }
    };
    Ok(Json(Trends { data: rows.into_iter().map(point).collect() }))
}

async fn install(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(name): Id,
) -> ApiResult<Json<Installed>> {
    let Some(package) = package(&name) else {
        let shown: String = name.chars().take(100).collect();
        return Err(ApiError::bad(format!("Scanner '{shown}' cannot be auto-installed. Install it manually.")));
    };
    let refused = |text: &str| Err(ApiError::detail(StatusCode::FORBIDDEN, text));
    if !state.settings.allow_install {
        return refused("Installing scanners is off; set SECURESCAN_ALLOW_INSTALL=1");
    }
    if who.source == Source::Dev {
        return refused("Installing scanners needs a key; nobody has to authenticate here");
    }
    let deed = Deed {
        at: time::now(),
        principal: who.id.clone(),
        action: "scanner.install",
        subject: name.clone(),
        request_id: Some(request.0),
    };
    state.store.record(&deed).await?;
    let settings = &state.settings;
    let order =
        Order { package, python: settings.python.clone(), folder: settings.tools_dir.clone(), limit: settings.install_timeout };
    let path = settings.tools_dir.join("bin").display().to_string();
    let Some(outcome) = state.installer.run(order).await else {
        return Err(ApiError::conflict("Another installation is under way"));
    };
    let end = |success, message: String, output| Installed { success, message, output, path: success.then_some(path) };
    let end = match outcome {
        Ok(Outcome::Done(said)) => end(true, format!("Successfully installed {name}"), Some(said)),
        Ok(Outcome::Failed(said)) => end(false, format!("Failed to install {name}"), Some(said)),
        Ok(Outcome::TimedOut) => end(false, format!("Installation of {name} timed out"), None),
        Err(error) => end(false, format!("Error installing {name}: {}", error.message()), None),
    };
    let fields = [("scanner", json!(name)), ("principal", json!(who.id)), ("success", json!(end.success))];
    state.log.info("securescan.install", &end.message, &fields);
    Ok(Json(end))
}
