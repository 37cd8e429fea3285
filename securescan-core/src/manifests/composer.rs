//! Composer: `composer.lock`, which carries the licences itself.

use super::graph::{Names, connect};
use super::json_lines::{Step, visit};
use super::{Entry, hashes, json_error, text_of};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Option<Vec<Package>>,
    #[serde(default, rename = "packages-dev")]
    packages_dev: Option<Vec<Package>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Value,
    version: Value,
    license: Value,
    dist: Value,
    require: Value,
}

/// Reads `composer.lock`. A list of licences is a choice, as Composer's schema defines it.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Lock = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let (mut lines, mut dev_lines) = (Vec::new(), Vec::new());
    visit(text, |path, line| match path {
        [Step::Key(group), Step::Item] => match *group {
            "packages" => lines.push(line),
            "packages-dev" => dev_lines.push(line),
            _ => {}
        },
        // The line with the name says more than the one with the bracket.
        [Step::Key(group), Step::Item, Step::Key("name")] => {
            let last = if *group == "packages" { lines.last_mut() } else { dev_lines.last_mut() };
            if let Some(last) = last.filter(|_| group.starts_with("packages")) {
                *last = line;
            }
        }
        _ => {}
    });
    let production =
        lock.packages.unwrap_or_default().into_iter().zip(lines.into_iter().map(Some).chain(std::iter::repeat(None)));
    let development =
        lock.packages_dev.unwrap_or_default().into_iter().zip(dev_lines.into_iter().map(Some).chain(std::iter::repeat(None)));
    let all = production.map(|p| (p, false)).chain(development.map(|p| (p, true)));
    let mut out = Vec::new();
    let mut wanted = Vec::new();
    for ((package, line), dev) in all {
        let Some(name) = package.name.as_str() else { continue };
        out.push(Entry {
            version: package.version.as_str().unwrap_or_default().to_owned(),
            line,
            license: super::npm::license_text(&package.license, &Value::Null),
            dev: Some(dev),
            installed: vec![format!("vendor/{name}")],
            hashes: hashes::plain("sha1", text_of(package.dist.get("shasum"))).into_iter().collect(),
            name: name.to_owned(),
            ..Entry::default()
        });
        wanted.push(package.require);
    }
    let names = Names::new(&out, str::to_ascii_lowercase);
    let find = |wanted: &Value| {
        let asked = wanted.as_object().into_iter().flatten();
        asked.flat_map(|(name, _)| names.find(&out, &name.to_ascii_lowercase(), None)).collect()
    };
    let needs = wanted.iter().map(find).collect();
    connect(&mut out, needs);
    Ok(out)
}

/// Reads `composer.json`: what it asks for. The platform (`php`, `ext-…`) has no vendor and is no package.
pub(super) fn manifest(text: &str) -> Result<Vec<Entry>, String> {
    let json: Value = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let group = |key: &str, dev: bool| {
        let members = json.get(key).and_then(Value::as_object).into_iter().flatten();
        let entry = move |(name, spec): (&String, &Value)| Entry {
            name: name.clone(),
            declared: spec.as_str().map(str::to_owned),
            direct: Some(true),
            dev: Some(dev),
            ..Entry::default()
        };
        members.filter(|(name, _)| name.contains('/')).map(entry).collect::<Vec<_>>()
    };
    Ok([group("require", false), group("require-dev", true)].concat())
}
