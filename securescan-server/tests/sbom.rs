//! Bills of materials: section 1 of the specification of SBOM, reports and dashboard.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn project(folder: &Path) -> PathBuf {
    let project = folder.join("my project");
    std::fs::create_dir_all(&project).unwrap();
    std::fs::write(project.join("requirements.txt"), "requests==2.31.0\nuvicorn[standard]==0.30.0\nflask\n").unwrap();
    std::fs::write(
        project.join("package-lock.json"),
        json!({"name": "demo", "lockfileVersion": 3, "packages": {
            "": {"name": "demo", "dependencies": {"@scope/pkg": "^2.0.0"}},
            "node_modules/@scope/pkg": {"version": "2.0.0", "license": "MIT"}}})
        .to_string(),
    )
    .unwrap();
    project
}

fn part(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn generate(service: &Service, target: &str, more: &str) -> common::Answer {
    service.ask("POST", &format!("/api/v1/sbom/generate?target_path={}{more}", part(target)))
}

#[test]
fn made_listed_read_and_exported() {
    let service = Service::start(&[]);
    let project = project(service.folder.path());
    let target = project.to_str().unwrap();
    assert_eq!(service.get("/api/v1/sbom/history").json(), json!([]));
    let made = generate(&service, target, "");
    assert_eq!(made.status, 200, "{}", made.text());
    let bill = made.json();
    assert_eq!((&bill["format"], &bill["component_count"], &bill["unread"]), (&json!("cyclonedx"), &json!(4), &json!([])));
    assert_eq!(bill["document"]["bomFormat"], "CycloneDX");
    let id = bill["sbom_id"].as_str().unwrap();

    // The same bytes every time, in the answer that made it, too.
    let export = |format: &str| service.get(&format!("/api/v1/sbom/{id}/export{format}"));
    let first = export("");
    assert_eq!(first.status, 200);
    assert!(made.text().contains(first.text().trim_end()));
    std::fs::remove_dir_all(&project).unwrap();
    assert_eq!((export("").body, export("?format=cyclonedx").body), (first.body.clone(), first.body.clone()));
    assert_eq!(first.header("content-disposition").unwrap(), format!("attachment; filename=\"sbom-{id}.cyclonedx.json\""));
    let spdx = export("?format=spdx");
    assert_eq!((&spdx.json()["spdxVersion"], spdx.body == export("?format=spdx").body), (&json!("SPDX-2.3"), true));

    let one = service.get(&format!("/api/v1/sbom/{id}")).json();
    let names: Vec<&str> = one["components"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["@scope/pkg", "flask", "requests", "uvicorn"]);
    let scoped = &one["components"][0];
    let expected = json!({"id": scoped["id"], "sbom_id": id, "name": "@scope/pkg", "version": "2.0.0", "type": "library",
                          "purl": "pkg:npm/%40scope/pkg@2.0.0", "license": "MIT", "supplier": null});
    assert_eq!(scoped, &expected);
    assert_eq!(one["components"][1]["version"], "unknown");
    let line = json!({"id": id, "scan_id": null, "target_path": target, "format": "cyclonedx", "created_at": one["created_at"], "component_count": 4});
    assert_eq!(service.get("/api/v1/sbom/history").json(), json!([line]));
}

#[test]
fn of_a_scan() {
    let service = Service::start(&[]);
    let project = project(service.folder.path());
    let scan = service.scan(&project, &["iac"]);
    let id = scan["id"].as_str().unwrap();
    let bare = format!("/api/v1/scans/{id}/sbom");
    // Without one that is kept, it is made of the target, and nothing is stored.
    let live = service.get(&bare);
    assert_eq!((live.status, &live.json()["bomFormat"]), (200, &json!("CycloneDX")));
    assert_eq!((service.get(&bare).body == live.body, service.get("/api/v1/sbom/history").json()), (true, json!([])));
    assert_eq!(service.get(&format!("/api/v1/sbom/scan/{id}")).json(), json!([]));
    let made = generate(&service, project.to_str().unwrap(), &format!("&format=spdx&scan_id={id}")).json();
    std::fs::remove_dir_all(&project).unwrap();
    for format in ["cyclonedx", "spdx"] {
        let kept = service.get(&format!("{bare}?format={format}"));
        let export = service.get(&format!("/api/v1/sbom/{}/export?format={format}", made["sbom_id"].as_str().unwrap()));
        assert_eq!((kept.status, kept.body), (200, export.body), "{format}");
    }
    // They outlive the scan.
    assert_eq!(service.ask("DELETE", &format!("/api/v1/scans/{id}")).status, 204);
    let bills = service.get(&format!("/api/v1/sbom/scan/{id}")).json();
    assert_eq!((bills.as_array().unwrap().len(), bills[0]["components"].as_array().unwrap().len()), (1, 4));
    assert_eq!(service.get(&bare).status, 404);
    assert_eq!(service.get("/api/v1/sbom/scan/nobody").json(), json!([]));
}

#[test]
fn refused() {
    let service = Service::start(&[]);
    let folder = service.folder.path();
    let project = project(folder);
    let target = project.to_str().unwrap();
    let bad = json!({"detail": "format must be 'cyclonedx' or 'spdx'"});
    for path in ["/api/v1/sbom/x/export?format=xml", "/api/v1/scans/x/sbom?format=", "/api/v1/sbom/x/export?format=SPDX"] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.json()), (400, bad.clone()), "{path}");
    }
    assert_eq!(generate(&service, target, "&format=xml").json(), bad);
    for path in ["/api/v1/sbom/x", "/api/v1/sbom/x/export"] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.json()), (404, json!({"detail": "SBOM not found"})), "{path}");
    }
    for id in ["x'%20OR%20'1'='1", "%25", "%5F%5F", "%00", "%E2%80%AE"] {
        assert_eq!(service.get(&format!("/api/v1/sbom/{id}")).status, 404, "{id}");
        assert_eq!(service.get(&format!("/api/v1/sbom/scan/{id}")).json(), json!([]), "{id}");
        assert_eq!(service.get(&format!("/api/v1/scans/{id}/sbom")).status, 404, "{id}");
    }
    assert_eq!(service.get("/api/v1/sbom/%FF").status, 404);
    assert_eq!(generate(&service, target, "&scan_id=nobody").json(), json!({"detail": "Scan not found"}));
    let missing = service.ask("POST", "/api/v1/sbom/generate");
    let item = json!({"type": "missing", "loc": ["query", "target_path"], "msg": "Field required", "input": null});
    assert_eq!((missing.status, missing.json()), (422, json!({"detail": [item]})));
    #[cfg(unix)]
    std::os::unix::fs::symlink("/proc/self", folder.join("link")).unwrap();
    let text = folder.join("text.txt");
    std::fs::write(&text, "no manifest").unwrap();
    for (path, why) in [
        ("", "Path does not exist: "),
        ("/no/such", "Path does not exist: /no/such"),
        ("/proc/self", "Scanning system path not allowed: /proc/self"),
        ("/dev/null", "Path is not a file or directory: /dev/null"),
        ("a\0b", "Path does not exist: a\0b"),
        (text.to_str().unwrap(), "`text.txt` is no manifest or lock file of a known kind"),
    ] {
        let answer = generate(&service, path, "");
        assert_eq!((answer.status, answer.json()), (400, json!({"detail": why})), "{path:?}");
    }
    let link = generate(&service, folder.join("link").to_str().unwrap(), "");
    assert!(link.status == 400 && link.text().contains("system path"), "{}", link.text());
    let up = generate(&service, &format!("{target}/../../../../../../../../proc"), "");
    assert!(up.status == 400 && up.text().contains("system path"), "{}", up.text());
    assert_eq!(service.get("/api/v1/sbom/history").json(), json!([]));
    // The roots of scans are those of bills.
    let inside = folder.join("inside");
    std::fs::create_dir(&inside).unwrap();
    let rooted = Service::start(&[("SECURESCAN_SCAN_ROOTS", inside.to_str().unwrap())]);
    let outside = generate(&rooted, target, "");
    assert!(outside.status == 400 && outside.text().contains("outside the folders"), "{}", outside.text());
    assert_eq!(generate(&rooted, inside.to_str().unwrap(), "").json()["component_count"], 0);
}

#[test]
fn history_in_pages() {
    let service = Service::start(&[]);
    let project = project(service.folder.path());
    let mut ids: Vec<Value> =
        (0..5).map(|_| generate(&service, project.to_str().unwrap(), "").json()["sbom_id"].clone()).collect();
    ids.reverse();
    let (mut seen, mut next) = (Vec::new(), Some("/api/v1/sbom/history?limit=2".to_owned()));
    while let Some(path) = next {
        let page = service.get(&path);
        assert_eq!(page.header("x-total-count"), Some("5"));
        seen.extend(page.json().as_array().unwrap().iter().map(|line| line["id"].clone()));
        next = page.header("link").map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
    }
    assert_eq!(seen, ids);
    assert_eq!(service.get("/api/v1/sbom/history?limit=0").status, 422);
}
