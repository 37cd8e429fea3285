//! Composer: `composer.lock`, which carries the licences itself.

use super::{Entry, json_error};
use crate::scanners::builtin::licenses::json_lines::{Step, visit};
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
    Ok(all
        .filter_map(|((package, line), dev)| {
            let name = package.name.as_str()?.to_owned();
            Some(Entry {
                version: package.version.as_str().unwrap_or_default().to_owned(),
                line,
                license: super::npm::license_text(&package.license, &Value::Null),
                dev: Some(dev),
                installed: vec![format!("vendor/{name}")],
                name,
                ..Entry::default()
            })
        })
        .collect())
}
