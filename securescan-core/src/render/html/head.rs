//! The document's head, the page's header with the facts of the scan, what is missing, and the way around; the footer.

use super::STYLE;
use super::page::Page;
use crate::render::RenderInput;
use crate::render::report::{Report, title, words};
use base64::Engine;
use sha2::{Digest, Sha256};
use std::io;

pub(super) fn write(page: &mut Page<'_>, input: &RenderInput<'_>, report: &Report<'_>) -> io::Result<()> {
    document(page, input)?;
    page.raw("<header class=\"top\">\n<p class=\"brand\">")?;
    page.raw(MARK)?;
    page.raw("SecureScan</p>\n<h1>")?;
    page.raw(title(input))?;
    page.raw("</h1>\n")?;
    facts(page, input, report)?;
    page.raw("</header>\n")?;
    if let Some((heading, reasons)) = words::warning(input) {
        page.around("<div class=\"warning\" role=\"note\"><p><strong>", heading, "</strong></p>")?;
        page.raw("<ul>")?;
        for reason in reasons {
            page.raw("<li>")?;
            page.code(&reason)?;
            page.raw("</li>")?;
        }
        page.raw("</ul></div>\n")?;
    }
    way_around(page, input)
}

/// A shield, drawn with the pen of the icons.
const MARK: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z\"/><path d=\"M9 12l2 2 4-4\"/></svg>";

fn document(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;sha256-")?;
    page.line(&hash)?;
    page.raw("&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;\">\n")?;
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")?;
    page.raw("<meta name=\"robots\" content=\"noindex\">\n<title>")?;
    page.raw(title(input))?;
    page.line(&match input.result.target.as_str() {
        "" => String::new(),
        target => format!(": {target}"),
    })?;
    page.raw("</title>\n<style>")?;
    page.raw(STYLE)?;
    page.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">To the findings</a>\n")
}

fn facts(page: &mut Page<'_>, input: &RenderInput<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<dl class=\"facts\">\n")?;
    for (name, value) in words::facts(input, report) {
        page.raw("<div><dt>")?;
        page.raw(name)?;
        page.around("</dt><dd>", &value, "</dd></div>\n")?;
    }
    page.raw("</dl>\n")
}

fn way_around(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    page.raw("<nav aria-label=\"Sections\"><ul>")?;
    page.raw("<li><a href=\"#summary\">Summary</a></li><li><a href=\"#compliance\">Compliance</a></li>")?;
    page.raw("<li><a href=\"#scanners\">Scanners</a></li><li><a href=\"#findings\">")?;
    page.raw(if input.diff.is_some() { "New findings" } else { "Findings" })?;
    page.raw("</a></li>")?;
    if let Some(diff) = input.diff {
        for (list, open, (name, _)) in [
            (diff.fixed, "<li><a href=\"#gone\">", words::gone(diff.kind)),
            (diff.not_scanned, "<li><a href=\"#unknown\">", words::UNKNOWN),
        ] {
            if input.shown(list).next().is_some() {
                page.around(open, name, "</a></li>")?;
            }
        }
    }
    page.raw("<li><a href=\"#rules\">Rules</a></li></ul></nav>\n")
}

pub(super) fn footer(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    page.raw("<footer><p>")?;
    page.line(&format!("securescan {}", crate::VERSION))?;
    if let Some(when) = input.options.generated_at.as_deref().filter(|when| !when.trim().is_empty()) {
        page.around(", ", when, "")?;
    }
    page.raw(". Coverage of compliance controls is an indicator, not a certification.</p></footer>\n")
}
