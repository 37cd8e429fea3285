//! Packs the secret rules: TOML is for people, and reading 1,200 rules of it costs a short run more than the scan itself.
//! A file that is not TOML stops the build with its name and place.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("src/scanners/builtin/secrets/rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let mut packed = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut file: serde_json::Value = toml::from_str(&fs::read_to_string(&path)?).map_err(|e| format!("{name}: {e}"))?;
        let rules = file.get_mut("rules").map(serde_json::Value::take).ok_or_else(|| format!("{name}: no [[rules]]"))?;
        packed.push((name, rules));
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("secret-rules.json"), serde_json::to_vec(&packed)?)?;
    Ok(())
}
