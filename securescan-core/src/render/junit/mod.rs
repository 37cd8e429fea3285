//! `junit`: one suite for each scanner, one test for each finding, for the test tab of a CI host.
//!
//! Every finding is a failed test, its severity the failure's type. A scanner that did not finish is a test in error, one that could not
//! run a skipped test, one that found nothing a passed test: a report without tests would look like no report. Suppressed findings,
//! where shown, are passed tests, named in the suite's output. A diff gives its new findings.
//!
//! The schema demands a time and a host: the time is that of [`RenderOptions::time`](crate::render::RenderOptions::time), the host is
//! always `localhost`, durations are 0. What a finding has beyond a name stands in the text of its failure: a test has no properties
//! in the schema.
//!
//! # Source
//! `JUnit.xsd` of windyroad/JUnit-Schema (the Ant task's format).

mod suite;
mod xml;

use super::{RenderInput, Renderer, time, write_error};
use crate::Result;
use std::io::Write;

pub(super) struct Junit;

impl Renderer for Junit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "JUnit XML, for the test tab of a CI host"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let moment = time::moment(&input.options)?;
        let mut document = xml::Document::new();
        for (id, suite) in suite::suites(input).iter().enumerate() {
            suite.write(&mut document, id, moment);
        }
        out.write_all(document.finish().as_bytes()).map_err(|e| write_error(&e))
    }
}
