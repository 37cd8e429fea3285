//! The walk over a log: its runs, one after the other, and their results, one at a time.

use super::item::Item;
use super::lenient::{Any, Keys, Lenient};
use super::run::Run;
use super::wire::External;
use crate::ingest::report::{Report, Stop, clip};
use crate::ingest::{Input, json};
use crate::{Error, ErrorKind, Result};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, de};

/// Reads a log.
///
/// # Errors
/// `parse` with the place when it is malformed or has no `runs`; `unsupported` for another version; `limit`.
pub(super) fn read(input: &mut Input<'_>, report: &mut Report<'_>) -> Result<()> {
    let mut reader = Reader { report, run: Run::default(), runs: None, kept: 0, stopped: None };
    let done = json::read_typed(input, Log(&mut reader));
    if let Some(error) = reader.stopped {
        return Err(error);
    }
    done?;
    match reader.runs {
        Some(_) => Ok(()),
        None => Err(Error::parse("`runs` is missing: this is not a SARIF log")),
    }
}

struct Reader<'r, 'o> {
    report: &'r mut Report<'o>,
    /// The run that is being read.
    run: Run,
    /// How many runs were read; none before `runs` is met.
    runs: Option<usize>,
    /// Results that are held or are findings already.
    kept: usize,
    /// What ended the document, when it was not the JSON.
    stopped: Option<Error>,
}

impl Reader<'_, '_> {
    /// Ends the walk.
    fn stop<E: de::Error>(&mut self, error: Error) -> E {
        self.stopped = Some(error);
        E::custom("stopped")
    }

    /// Turns away versions that are not read; a version that cannot be understood is given the benefit of the doubt.
    fn version<E: de::Error>(&mut self, version: Option<String>) -> Result<(), E> {
        let Some(version) = version else { return Ok(()) };
        let major: Option<u32> = version.trim().split('.').next().and_then(|major| major.parse().ok());
        match major {
            None | Some(1 | 2) => Ok(()),
            Some(_) => {
                let version = clip(version, 40);
                Err(self.stop(
                    Error::new(ErrorKind::Unsupported, format!("SARIF version `{version}` is not read"))
                        .hint("write it as SARIF 2.1.0"),
                ))
            }
        }
    }

    /// Takes a result.
    fn result<E: de::Error>(&mut self, mut item: Item) -> Result<(), E> {
        self.report.next_item();
        item.index = self.run.results;
        self.run.results += 1;
        if !item.is_object || !item.says_something() {
            let why = if item.is_object { "it has neither rule, message nor place" } else { "it is not an object" };
            return self.quarantine(format!("runs[{}].results[{}]", self.number(), item.index), why.to_owned());
        }
        if item.is_no_problem() {
            return Ok(());
        }
        self.kept += 1;
        let max = self.report.options().max_findings;
        if self.kept > max {
            return Err(self.stop(Error::new(ErrorKind::Limit, format!("more than {max} findings"))));
        }
        self.run.hold(item);
        Ok(())
    }

    fn number(&self) -> usize {
        self.runs.unwrap_or(0)
    }

    fn quarantine<E: de::Error>(&mut self, at: String, why: String) -> Result<(), E> {
        match self.report.quarantine(at, why) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.stop(error)),
        }
    }

    /// Ends the run that was read.
    fn end_run<E: de::Error>(&mut self) -> Result<(), E> {
        let run = std::mem::take(&mut self.run);
        let number = self.number();
        self.runs = Some(number + 1);
        match run.finish(self.report, number) {
            Ok(()) => Ok(()),
            Err(Stop::Document(error)) => Err(self.stop(error)),
            Err(Stop::Item(why)) => self.quarantine(format!("runs[{number}]"), why),
        }
    }
}

/// A seed that is its own visitor.
macro_rules! seed {
    ($name:ident) => {
        struct $name<'a, 'r, 'o>(&'a mut Reader<'r, 'o>);

        impl<'de> DeserializeSeed<'de> for $name<'_, '_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
                d.deserialize_any(self)
            }
        }
    };
}

seed!(Log);
seed!(Runs);
seed!(OneRun);
seed!(Results);

enum LogKey {
    Runs,
    Version,
    Inline,
    Other,
}

impl<'de> Visitor<'de> for Log<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a SARIF log")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let key_of = |key: &str| match key {
            "runs" => LogKey::Runs,
            "version" => LogKey::Version,
            "inlineExternalProperties" => LogKey::Inline,
            _ => LogKey::Other,
        };
        while let Some(key) = map.next_key_seed(Keys(key_of))? {
            match key {
                LogKey::Runs => map.next_value_seed(Runs(&mut *self.0))?,
                LogKey::Version => {
                    let version = map.next_value_seed(Any::new())?;
                    self.0.version(version)?;
                }
                LogKey::Inline => {
                    let all: Vec<External> = map.next_value_seed(Any::new())?;
                    let results: usize = all.iter().map(|external| external.results.0).sum();
                    if results > 0 {
                        self.0.report.missed("inlineExternalProperties", format!("{results} results are not read from there"));
                    }
                }
                LogKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Runs<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of runs in `runs`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.runs.get_or_insert(0);
        while seq.next_element_seed(OneRun(&mut *self.0))?.is_some() {}
        Ok(())
    }

    /// A list of one, as its item.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.runs.get_or_insert(0);
        OneRun(self.0).visit_map(map)
    }
}

enum RunKey {
    Tool,
    Results,
    Artifacts,
    Bases,
    Invocations,
    Taxonomies,
    External,
    Resources,
    Rules,
    Execution,
    Configuration,
    Other,
}

fn run_key(key: &str) -> RunKey {
    match key {
        "tool" => RunKey::Tool,
        "results" => RunKey::Results,
        "artifacts" | "files" => RunKey::Artifacts,
        "originalUriBaseIds" => RunKey::Bases,
        "invocations" | "invocation" => RunKey::Invocations,
        "taxonomies" => RunKey::Taxonomies,
        "externalPropertyFileReferences" | "externalPropertyFiles" => RunKey::External,
        "resources" => RunKey::Resources,
        "rules" => RunKey::Rules,
        "toolNotifications" => RunKey::Execution,
        "configurationNotifications" => RunKey::Configuration,
        _ => RunKey::Other,
    }
}

impl OneRun<'_, '_, '_> {
    fn not_a_run<E: de::Error>(self) -> Result<(), E> {
        self.0.report.next_item();
        let number = self.0.number();
        self.0.runs = Some(number + 1);
        self.0.quarantine(format!("runs[{number}]"), "it is not an object".to_owned())
    }
}

impl<'de> Visitor<'de> for OneRun<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a run")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        while let Some(key) = map.next_key_seed(Keys(run_key))? {
            match key {
                RunKey::Results => map.next_value_seed(Results(&mut *reader))?,
                RunKey::Tool => reader.run.tool = map.next_value_seed(Any::new())?,
                RunKey::Artifacts => reader.run.artifacts = map.next_value_seed(Any::new())?,
                RunKey::Bases => reader.run.bases = map.next_value_seed(Any::new())?,
                RunKey::Invocations => reader.run.invocations = map.next_value_seed(Any::new())?,
                RunKey::Taxonomies => reader.run.taxonomies = map.next_value_seed(Any::new())?,
                RunKey::External => reader.run.external = map.next_value_seed(Any::new())?,
                RunKey::Resources => reader.run.resources = map.next_value_seed(Any::new())?,
                RunKey::Rules => reader.run.resources.rules = map.next_value_seed(Any::new())?,
                RunKey::Execution => reader.run.execution = map.next_value_seed(Any::new())?,
                RunKey::Configuration => reader.run.configuration = map.next_value_seed(Any::new())?,
                RunKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        reader.end_run()
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.not_a_run()
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        super::lenient::skip_list(seq)?;
        self.not_a_run()
    }
}

impl<'de> Visitor<'de> for Results<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of results in `results`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element_seed(Any::<Item>::new())? {
            self.0.result(item)?;
        }
        Ok(())
    }

    /// A list of one, as its item.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.result(Item::object(map)?)
    }

    /// Null: no results were computed; whether that is a failure the invocation says.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}
