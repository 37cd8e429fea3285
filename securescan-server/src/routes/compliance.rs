//! Compliance: the frameworks that are mapped, and what a scan saw of each. All of it is the engine's.

use super::scans::known;
use super::table::{Answer, READ, Route, Shape};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::validate::query::{Kind, Param, Query};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use securescan_core::compliance::{Coverage, FrameworkCoverage, FrameworkInfo, Frameworks};
use securescan_core::{Finding, ScanType, Severity};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

const QUERY: &[Param] = &[Param::required("scan_id", Kind::Text, "the scan")];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "compliance",
        summary: "The frameworks that findings are mapped to",
        answers: &[Answer::new(200, "The frameworks", Shape::One("FrameworkList"))],
        ..Route::new("GET", "/compliance/frameworks", READ, "list_frameworks", || get(list))
    },
    Route {
        tag: "compliance",
        summary: "Which controls of each framework the findings of a scan touch, suppressed ones left out",
        query: QUERY,
        answers: &[
            Answer::new(200, "By framework under `frameworks`, and as a list under `coverage`", Shape::One("ComplianceCoverage")),
            Answer::error(404, "No such scan"),
        ],
        ..Route::new("GET", "/compliance/coverage", READ, "compliance_coverage", || get(coverage))
    },
];

/// The frameworks there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameworkList {
    frameworks: Vec<FrameworkLine>,
}

/// One framework.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FrameworkLine {
    id: String,
    name: String,
    version: String,
    /// The short name: the key in coverage.
    key: String,
    total_controls: usize,
}

/// Coverage of all frameworks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplianceCoverage {
    /// By short name: `controls`, `observed`, `coverage_pct` and more.
    #[schema(value_type = Object)]
    frameworks: Value,
    coverage: Vec<CoverageLine>,
}

/// Coverage of one framework as the service for Python told it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverageLine {
    framework: String,
    framework_id: String,
    version: String,
    total_controls: usize,
    controls_violated: Vec<String>,
    controls_clear: Vec<String>,
    violated_details: Vec<ControlName>,
    /// Violated of all, in percent.
    coverage_percentage: f64,
}

/// A control.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ControlName {
    id: String,
    name: String,
}

impl From<&FrameworkInfo> for FrameworkLine {
    fn from(info: &FrameworkInfo) -> Self {
        Self {
            id: info.id.clone(),
            name: info.name.clone(),
            version: info.version.clone(),
            key: info.key.clone(),
            total_controls: info.total_controls,
        }
    }
}

impl CoverageLine {
    fn of(key: &str, row: &FrameworkCoverage) -> Self {
        let name = |id: &String| {
            let control = Frameworks::builtin().control(&format!("{key}-{id}"));
            ControlName { id: id.clone(), name: control.map_or_else(|| id.clone(), |control| control.name.to_owned()) }
        };
        Self {
            framework: row.name.clone(),
            framework_id: row.id.clone(),
            version: row.version.clone(),
            total_controls: row.controls.len(),
            controls_clear: row.controls.iter().filter(|id| !row.findings.contains_key(*id)).cloned().collect(),
            violated_details: row.observed.iter().map(name).collect(),
            controls_violated: row.observed.clone(),
            coverage_percentage: row.coverage_pct,
        }
    }
}

async fn list() -> Json<FrameworkList> {
    Json(FrameworkList { frameworks: Frameworks::builtin().list().iter().map(FrameworkLine::from).collect() })
}

async fn coverage(State(state): State<AppState>, uri: Uri) -> ApiResult<Json<ComplianceCoverage>> {
    let query = Query::read(&uri, QUERY)?;
    let scan = known(&state, query.text("scan_id").unwrap_or_default(), "Scan not found").await?;
    let tags = state.store.tags(scan.seq).await?;
    let work = tokio::task::spawn_blocking(move || Frameworks::builtin().coverage(&tagged(tags)));
    let Coverage { frameworks } = work.await.map_err(|e| ApiError::Fault(e.to_string()))?;
    let mut coverage: Vec<CoverageLine> = frameworks.iter().map(|(key, row)| CoverageLine::of(key, row)).collect();
    coverage.sort_by(|a, b| a.framework_id.cmp(&b.framework_id));
    Ok(Json(ComplianceCoverage { frameworks: json!(frameworks), coverage }))
}

/// Findings of nothing but their tags, of which coverage is made.
fn tagged(tags: Vec<(i64, String)>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    let mut last = None;
    for (ord, tag) in tags {
        if last.replace(ord) != Some(ord) {
            out.push(Finding::new("", ScanType::Code, Severity::Info, ""));
        }
        if let Some(finding) = out.last_mut() {
            finding.compliance_tags.push(tag);
        }
    }
    out
}
