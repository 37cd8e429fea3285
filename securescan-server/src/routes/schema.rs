//! The types of bodies and answers that the OpenAPI document describes: one line each.

use super::{browse, compliance, dashboard, event_token, findings, keys, notifications, sbom, scans, triage, webhooks};
use crate::openapi::add;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Adds them all.
pub(crate) fn all(out: &mut Map<String, Value>) {
    add::<scans::Scan>(out);
    add::<scans::ScanRequest>(out);
    add::<scans::ScanSummary>(out);
    add::<scans::ScannerSkip>(out);
    add::<scans::ScannerFailure>(out);
    add::<scans::ScanTypeWord>(out);
    add::<findings::FindingState>(out);
    add::<findings::TriageStatus>(out);
    add::<FindingWithState>(out);
    add::<AiRemediation>(out);
    add::<SeverityWord>(out);
    add::<ConfidenceWord>(out);
    add::<event_token::EventTokenResponse>(out);
    add::<keys::ApiKeyView>(out);
    add::<keys::ApiKeyCreated>(out);
    add::<keys::CreateKeyBody>(out);
    add::<notifications::Notification>(out);
    add::<notifications::UnreadCount>(out);
    add::<notifications::MarkedRead>(out);
    add::<webhooks::Webhook>(out);
    add::<webhooks::WebhookCreated>(out);
    add::<webhooks::WebhookRotated>(out);
    add::<webhooks::CreateWebhookBody>(out);
    add::<webhooks::PatchWebhookBody>(out);
    add::<webhooks::WebhookEvent>(out);
    add::<webhooks::WebhookDelivery>(out);
    add::<webhooks::DeliveryStatus>(out);
    add::<webhooks::DeliveryAttempt>(out);
    add::<webhooks::TestWebhookResponse>(out);
    add::<triage::FindingComment>(out);
    add::<triage::PatchStateBody>(out);
    add::<triage::AddCommentBody>(out);
    add::<sbom::SbomSummary>(out);
    add::<sbom::SbomFormat>(out);
    add::<sbom::SbomGenerated>(out);
    add::<sbom::SbomDocument>(out);
    add::<sbom::SbomComponent>(out);
    add::<dashboard::DashboardStatus>(out);
    add::<dashboard::ScannerLine>(out);
    add::<dashboard::DashboardStats>(out);
    add::<dashboard::Trends>(out);
    add::<dashboard::TrendPoint>(out);
    add::<dashboard::Installed>(out);
    add::<browse::Listing>(out);
    add::<browse::Entry>(out);
    add::<compliance::FrameworkList>(out);
    add::<compliance::FrameworkLine>(out);
    add::<compliance::ComplianceCoverage>(out);
    add::<compliance::CoverageLine>(out);
    add::<compliance::ControlName>(out);
}

/// How bad.
#[derive(Debug, ToSchema)]
#[schema(as = Severity, rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema of the engine's type")]
pub(crate) enum SeverityWord {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

/// How sure.
#[derive(Debug, ToSchema)]
#[schema(as = Confidence, rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema of the engine's type")]
pub(crate) enum ConfidenceWord {
    High,
    Medium,
    Low,
}

/// A finding as the engine writes it, with its verdict. `line_start` and `line_end` repeat `line` and `end_line`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the engine's type")]
pub(crate) struct FindingWithState {
    id: String,
    #[schema(required)]
    scan_id: Option<String>,
    scanner: String,
    #[schema(value_type = scans::ScanTypeWord)]
    scan_type: String,
    #[schema(value_type = SeverityWord)]
    severity: String,
    #[schema(required)]
    confidence: Option<ConfidenceWord>,
    title: String,
    description: String,
    remediation: String,
    #[schema(required)]
    file_path: Option<String>,
    #[schema(required)]
    line: Option<i64>,
    #[schema(required)]
    column: Option<i64>,
    #[schema(required)]
    end_line: Option<i64>,
    #[schema(required)]
    end_column: Option<i64>,
    #[schema(required)]
    rule_id: Option<String>,
    #[schema(required)]
    cwe: Option<String>,
    vulnerability_ids: Vec<String>,
    #[schema(required, value_type = Option<Object>)]
    package: Option<String>,
    references: Vec<String>,
    fingerprint: String,
    compliance_tags: Vec<String>,
    #[schema(value_type = Object)]
    metadata: String,
    #[schema(required)]
    line_start: Option<i64>,
    #[schema(required)]
    line_end: Option<i64>,
    #[schema(required)]
    state: Option<findings::FindingState>,
    /// What a language model said, where the scan asked one.
    ai_remediation: Option<AiRemediation>,
}

/// Advice of a language model: a stranger's text.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of what is written by hand")]
pub(crate) struct AiRemediation {
    model: String,
    text: String,
}
