//! The service's API against its own OpenAPI document: requests made up from it, by the thousand, must neither break the service nor be
//! answered in a way it does not describe.

use super::tools::Environment;
use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, command, run, target};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

const OWN: Environment = Environment { name: "api", packages: &["schemathesis==4.32.5"], programs: &[] };

const KEY: &str = "a-key-of-the-environment";

/// Of its checks, one is left out: the document cannot say which paths of this machine are there, so a request it allows may be refused.
const ARGUMENTS: &[&str] = &[
    "--exclude-checks=positive_data_acceptance",
    "--exclude-deprecated",
    // Streams end with their scans, not with a request.
    "--exclude-path-regex=/events$",
    // Nothing is installed.
    "--exclude-path-regex=/dashboard/install/",
    "--max-examples=25",
    // The same requests each time: a build must not fail by chance.
    "--seed=1",
    "--generation-database=none",
    "--no-color",
];

pub(crate) fn check() -> StepResult {
    let bin = match OWN.ready() {
        Ok(bin) => bin,
        Err(why) => return Ok(Done::Skipped(why)),
    };
    let mut output = run(cargo().args(["build", "--quiet", "-p", "securescan-cli"]))?;
    let work = target().join("api");
    let failed = |why: std::io::Error| Failure { why: format!("{}: {why}", work.display()), output: String::new() };
    if work.exists() {
        std::fs::remove_dir_all(&work).map_err(failed)?;
    }
    std::fs::create_dir_all(work.join("demo")).map_err(failed)?;
    let mut service = Service::start(&work)?;
    let url = format!("http://{}", service.address);
    let mut asking = command(bin.join("schemathesis"));
    asking.args(["run", &format!("{url}/openapi.json"), "--url", &url, "-H", &format!("X-API-Key: {KEY}")]).args(ARGUMENTS);
    let asked = run(asking.current_dir(&work));
    let alive = service.child.try_wait().is_ok_and(|ended| ended.is_none());
    output.push_str(&asked?);
    if !alive {
        return Err(Failure { why: "the service ended under its requests".to_owned(), output });
    }
    Ok(Done::Ran(output))
}

/// A running service; ends with the value.
struct Service {
    child: Child,
    address: String,
}

impl Service {
    fn start(work: &PathBuf) -> Result<Self, Failure> {
        let fail = |why: String| Failure { why, output: String::new() };
        let mut serving = command(target().join("debug/securescan"));
        serving.args(["serve", "--port", "0", "--database"]).arg(work.join("scans.db")).current_dir(work).env_remove("CI");
        serving.env("SECURESCAN_API_KEY", KEY).env("SECURESCAN_RATE_LIMIT_ENABLED", "0").env("SECURESCAN_MAX_QUEUE", "3");
        // Only what is below may be looked at, whatever path is made up.
        serving
            .env("SECURESCAN_SCAN_ROOTS", work.join("demo"))
            .env("SECURESCAN_LOG_LEVEL", "ERROR")
            .env("SECURESCAN_METRICS", "1");
        let mut child = serving.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(|e| fail(e.to_string()))?;
        let errors = child.stderr.take().ok_or_else(|| fail("no standard error".to_owned()))?;
        let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
        let address = lines.by_ref().find_map(|line| line.strip_prefix("securescan listening on http://").map(str::to_owned));
        let Some(address) = address else {
            let _ = child.kill();
            return Err(fail("the service does not start".to_owned()));
        };
        std::thread::spawn(move || lines.for_each(|line| println!("{line}")));
        Ok(Self { child, address })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
