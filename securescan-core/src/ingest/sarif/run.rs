//! One run: what was read of it, and at its end who reports, what it says of itself, and its results as findings.

use super::facts::{Facts, level};
use super::item::Item;
use super::place::{Places, Target};
use super::rules::RuleSet;
use super::tools::{Known, known};
use super::wire::{Artifacts, BaseId, Component, Components, External, Invocation, Message, Notice, Notices, Resources, Tool};
use crate::ingest::report::{Report, Stop, clip};
use crate::ingest::words;
use crate::model::{ScanType, Severity};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A run as it is read.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) tool: Tool,
    pub(super) artifacts: Artifacts,
    pub(super) bases: BTreeMap<String, BaseId>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) taxonomies: Components,
    pub(super) external: External,
    pub(super) resources: Resources,
    pub(super) execution: Notices,
    pub(super) configuration: Notices,
    /// How many results were met, readable or not.
    pub(super) results: usize,
    /// The results, in blocks: a block is given back as soon as its results are findings.
    held: Vec<Vec<Item>>,
}

/// Results in one block.
const BLOCK: usize = 256;

impl Run {
    /// Holds a result until the run ends.
    pub(super) fn hold(&mut self, item: Item) {
        match self.held.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(item),
            None => {
                let mut block = Vec::with_capacity(if self.held.is_empty() { 1 } else { BLOCK });
                block.push(item);
                self.held.push(block);
            }
        }
    }

    /// Ends the run: its results become findings.
    ///
    /// # Errors
    /// `limit` when there are too many findings.
    pub(super) fn finish(mut self, report: &mut Report<'_>, number: usize) -> Result<(), Stop> {
        let held = std::mem::take(&mut self.held);
        let said =
            (std::mem::take(&mut self.invocations), std::mem::take(&mut self.execution), std::mem::take(&mut self.configuration));
        let external = self.external.results.0;
        let mut scope = Scope::new(self, &said.0);
        report.tool(&scope.scanner, scope.scan_type.unwrap_or(ScanType::Code));
        report.version(scope.version.take());
        speak(report, &scope, said);
        if external > 0 {
            report.missed("externalPropertyFileReferences", format!("{external} files of results are not read"));
        }
        let mut first = None;
        for item in held.into_iter().flatten() {
            let index = item.index;
            match scope.finding(item, report) {
                Ok(finding) => {
                    first.get_or_insert(finding.scan_type);
                    report.push(finding)?;
                }
                Err(Stop::Item(why)) => report.quarantine(format!("runs[{number}].results[{index}]"), why)?,
                Err(stop) => return Err(stop),
            }
        }
        // A tool of several kinds is taken for what it found.
        report.tool(&scope.scanner, scope.scan_type.or(first).unwrap_or(ScanType::Code));
        report.close_run();
        Ok(())
    }
}

/// What the results of a run are read with.
pub(super) struct Scope {
    /// The scanner's name.
    pub(super) scanner: String,
    /// What is known of the tool.
    pub(super) tool: Option<Known>,
    /// The kind of all findings, where the tool tells.
    pub(super) scan_type: Option<ScanType>,
    pub(super) places: Places,
    pub(super) rules: RuleSet,
    pub(super) strings: BTreeMap<String, Message>,
    version: Option<String>,
    /// Names and ids of taxonomies: those of the run, then those among the extensions.
    taxonomies: Vec<Component>,
    extensions: Vec<Component>,
    overrides: FxHashMap<usize, Severity>,
    facts: FxHashMap<usize, Rc<Facts>>,
}

impl Scope {
    fn new(run: Run, invocations: &[Invocation]) -> Self {
        let Tool { driver, extensions, name, version, semantic } = run.tool;
        let mut driver = driver.map(|driver| *driver).unwrap_or_default();
        let mut extensions = extensions.0;
        let rules = RuleSet::new(&mut driver, run.resources.rules, &mut extensions);
        let name =
            driver.name.take().or(name).map(|name| clip(name.trim().to_owned(), 100)).unwrap_or_else(|| "sarif".to_owned());
        let tool = known(&name);
        let overrides = invocations
            .iter()
            .flat_map(|invocation| &invocation.overrides)
            .filter_map(|over| Some((rules.referred(&over.descriptor)?, over.configuration.level.as_deref().and_then(level)?)));
        let scanner = tool.map_or(name, |tool| tool.id.to_owned());
        Self {
            overrides: overrides.collect(),
            scan_type: tool.and_then(|tool| tool.scan_type),
            tool,
            places: Places::new(run.artifacts.0, &run.bases).of(&scanner),
            scanner,
            strings: std::mem::take(&mut driver.strings),
            version: driver.version.take().or(driver.semantic.take()).or(version).or(semantic),
            taxonomies: run.taxonomies.0,
            extensions,
            facts: FxHashMap::default(),
            rules,
        }
    }

    /// What the rule of a number says.
    pub(super) fn facts(&mut self, rule: Option<usize>) -> Rc<Facts> {
        let Some(number) = rule else { return Rc::default() };
        let rules = &self.rules;
        let new = || Rc::new(rules.get(number).map(Facts::of).unwrap_or_default());
        Rc::clone(self.facts.entry(number).or_insert_with(new))
    }

    /// The level that an invocation gives a rule.
    pub(super) fn overridden(&self, rule: Option<usize>) -> Option<Severity> {
        self.overrides.get(&rule?).copied()
    }

    /// The weakness that a taxon is, if it is one.
    pub(super) fn weakness(&self, taxon: &super::wire::Reference) -> Option<String> {
        let component = &taxon.component;
        let by_index = component.index.map(|i| i as usize);
        let same = |own: &Option<String>, wanted: &Option<String>| wanted.is_some() && own == wanted;
        let named = |c: &&Component| same(&c.guid, &component.guid) || same(&c.name, &component.name);
        let found = by_index
            .and_then(|i| {
                self.extensions.get(i).filter(|c| super::facts::is_cwe(c.name.as_deref())).or_else(|| self.taxonomies.get(i))
            })
            .or_else(|| self.taxonomies.iter().chain(&self.extensions).find(named));
        let name = component.name.as_deref().or_else(|| found.and_then(|c| c.name.as_deref()));
        let id = taxon.id.as_deref().or_else(|| found?.taxa.0.get(taxon.index? as usize)?.as_deref())?;
        (super::facts::is_cwe(name) || super::facts::names_cwe(id)).then(|| words::cwe(id)).flatten()
    }
}

/// What the tool says of its run: whether it failed, and what it could not look at.
fn speak(report: &mut Report<'_>, scope: &Scope, said: (Vec<Invocation>, Notices, Notices)) {
    let (invocations, execution, configuration) = said;
    let failed = invocations.iter().any(|invocation| invocation.successful == Some(false));
    let start = invocations.iter().find_map(|invocation| invocation.failure.clone());
    let own = invocations.into_iter().flat_map(|invocation| [invocation.execution, invocation.configuration]);
    let (mut first, mut more) = (None, 0);
    for notices in own.chain([execution, configuration]) {
        more += notices.more;
        for notice in notices.errors {
            let place = path(&notice, scope, report).or_else(|| notice.descriptor.id.clone()).unwrap_or_else(|| ".".to_owned());
            let said = [notice.message, notice.exception.message].into_iter().find_map(|m| m.text.or(m.markdown));
            let why = words::first_sentence(&said.or(notice.descriptor.id).unwrap_or_else(|| "an error".to_owned()));
            first.get_or_insert_with(|| why.clone());
            report.missed(place, why);
        }
    }
    if more > 0 {
        report.missed(".", format!("{more} more errors"));
    }
    if failed || start.is_some() {
        report.failed(start.or(first).unwrap_or_else(|| "the report says that the run was not successful".to_owned()));
    }
}

/// The file that a notification is about.
fn path(notice: &Notice, scope: &Scope, report: &Report<'_>) -> Option<String> {
    let artifact = &notice.locations.first()?.physical.artifact;
    match scope.places.resolve(artifact, report) {
        Ok(Target::File(path)) => Some(path),
        _ => None,
    }
}
