//! JUnit XML, as scanners write it: trivy, checkov, tfsec, kics, eslint and whatever else has it as an output.

use super::report::{Report, Stop};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::{Map, Value};

pub(super) struct Junit;

const META: ParserMeta = ParserMeta {
    id: "junit",
    title: "JUnit XML",
    versions_read: "any (`testsuites`, `testsuite`); failures of test cases; errors are what was not checked",
    upstream: "https://github.com/testmoapp/junitxml",
    scan_type: ScanType::Code,
};

impl Parser for Junit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && matches!(shape.root(), "testsuites" | "testsuite")
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let roots = ["testsuites", "testsuite"];
        xml::read(&mut input, &roots, &[], &["testcase"], report, &mut |report, around, case| {
            let suite = around.iter().rev().find(|e| e.name == "testsuite").and_then(|e| e.attribute("name")).unwrap_or_default();
            let whole = around.first().and_then(|e| e.attribute("name")).unwrap_or_default();
            for outcome in &case.children {
                match outcome.name.as_str() {
                    "failure" => failure(report, whole, suite, &case, outcome)?,
                    // It did not get as far as telling whether something is wrong.
                    "error" => {
                        let name = case.attribute("name").or(case.attribute("classname")).unwrap_or(suite);
                        let why = outcome.attribute("message").unwrap_or(outcome.text.trim());
                        report.missed(name, words::first_sentence(why));
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }
}

/// What the name of a test case says: `[HIGH] CVE-2024-1`, `[NONE][CKV_AWS_1] Ensure …`, `[aws-s3-x][HIGH] - …`, `org.eslint.no-eval`.
#[derive(Debug, Default, PartialEq)]
struct Name {
    severity: Option<Severity>,
    rule: Option<String>,
    text: String,
}

impl Name {
    fn of(name: &str) -> Self {
        let (mut found, mut rest) = (Self::default(), name.trim());
        while let Some((word, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            match words::severity(word) {
                Some(severity) if found.severity.is_none() => found.severity = Some(severity).filter(|_| word != "NONE"),
                _ if found.rule.is_none() && !word.trim().is_empty() => found.rule = Some(word.trim().to_owned()),
                _ => {}
            }
            rest = after.trim_start();
        }
        rest = rest.strip_prefix("- ").unwrap_or(rest);
        if let Some(rule) = rest.strip_prefix("org.eslint.") {
            found.rule = Some(rule.to_owned());
        } else if found.rule.is_none()
            && !rest.is_empty()
            && (found.severity.is_some() || words::is_advisory(rest))
            && !rest.contains(' ')
        {
            found.rule = Some(rest.to_owned());
        }
        rest.clone_into(&mut found.text);
        found
    }
}

fn failure(report: &mut Report<'_>, whole: &str, suite: &str, case: &Element, outcome: &Element) -> Result<(), Stop> {
    let name = Name::of(case.attribute("name").unwrap_or_default());
    let message = outcome.attribute("message").unwrap_or_default();
    let text = outcome.text.trim();
    let advisory = name.rule.as_deref().filter(|rule| words::is_advisory(rule)).map(str::to_owned);
    let title = [message, &name.text, text, case.attribute("classname").unwrap_or_default()].into_iter().find(|t| !t.is_empty());
    let severity = name.severity.or_else(|| outcome.attribute("type").and_then(words::severity)).unwrap_or(Severity::Medium);
    let mut finding = report.finding(severity, words::first_sentence(title.unwrap_or_default()));
    if let Some(tool) = [whole, suite].into_iter().find_map(tool) {
        tool.clone_into(&mut finding.scanner);
    }
    finding.scan_type = scan_type(name.rule.as_deref().unwrap_or_default(), suite);
    // An image or a lock file is the suite; `alpine.tar (alpine 3.10)`.
    let target = advisory.is_some().then(|| suite.split(" (").next().unwrap_or_default()).filter(|t| !t.is_empty());
    let class = case.attribute("classname").filter(|class| looks_like_path(class));
    let suite_file = Some(suite).filter(|suite| looks_like_path(suite) && !suite.contains(' '));
    let file = outcome.attribute("file").or(case.attribute("file")).or(target).or(class).or(suite_file);
    finding.file_path = locate::file(file, report)?;
    let (line, column, end) = position(text);
    let attribute =
        |name: &str| case.attribute(name).or(outcome.attribute(name)).and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    finding.line = attribute("line").or(line);
    finding.column = attribute("column").or(column);
    finding.end_line = end;
    finding.references = words::urls(text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned));
    if let (Some(_), Some(class)) = (&advisory, case.attribute("classname")) {
        let (package, version) = versioned(class);
        finding.package = Some(Box::new(words::package("", package.to_owned(), version.map(str::to_owned), None)));
    }
    finding.vulnerability_ids = advisory.into_iter().collect();
    finding.rule_id = name.rule.or_else(|| Some(name.text).filter(|t| !t.is_empty()));
    finding.description = if text.is_empty() { message.to_owned() } else { prose(text) };
    finding.metadata.tool = rest(suite, case, outcome);
    report.push(finding)
}

/// trivy's `libssl1.1-1.1.1c-r0`: the version begins at the first `-` before a digit.
fn versioned(class: &str) -> (&str, Option<&str>) {
    let digit = |at: &usize| class.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    match class.match_indices('-').map(|(at, _)| at).filter(|at| *at > 0).find(digit) {
        Some(at) => (class.get(..at).unwrap_or(class), class.get(at + 1..)),
        None => (class, None),
    }
}

/// Tools that name themselves in the name of a suite.
fn tool(name: &str) -> Option<&'static str> {
    let known = [
        "trivy",
        "checkov",
        "tfsec",
        "kics",
        "terrascan",
        "eslint",
        "semgrep",
        "grype",
        "snyk",
        "kubescape",
        "cfn-lint",
        "phpstan",
    ];
    let first = name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
    known.into_iter().find(|tool| tool.eq_ignore_ascii_case(first))
}

fn scan_type(rule: &str, suite: &str) -> ScanType {
    const IAC: &[&str] = &["CKV", "BC_", "AVD-", "DS", "KSV", "AWS-", "aws-", "azure-", "google-", "AC_"];
    const SUITES: &[&str] = &["terraform", "dockerfile", "kubernetes", "cloudformation", "helm", "arm", "bicep", "tfsec"];
    if words::is_advisory(rule) {
        ScanType::Dependency
    } else if IAC.iter().any(|start| rule.starts_with(start)) || SUITES.iter().any(|start| suite.starts_with(start)) {
        ScanType::Iac
    } else {
        ScanType::Code
    }
}

/// A path has a slash and no white space, or an ending that is not a class's.
fn looks_like_path(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = [
        "tf", "yml", "yaml", "json", "py", "js", "ts", "jsx", "tsx", "go", "rb", "php", "java", "c", "cpp", "cs", "sh", "xml",
        "lock", "txt",
    ];
    !text.contains("://")
        && !text.contains('\n')
        && (text.contains(['/', '\\']) || text == "Dockerfile" || known.contains(&ending))
}

/// Where the text of a failure says it is: `line 1, col 2` or `File: /main.tf: 3-9`.
fn position(text: &str) -> (Option<u32>, Option<u32>, Option<u32>) {
    let number = |text: &str| {
        text.trim_start().split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).filter(|n: &u32| *n > 0)
    };
    for line in text.lines().take(20) {
        if let Some((_, range)) = line.strip_prefix("File: ").and_then(|rest| rest.rsplit_once(':')) {
            return (number(range), None, range.split_once('-').and_then(|(_, end)| number(end)));
        }
        if let Some(rest) = line.strip_prefix("line ") {
            return (number(rest), rest.split_once("col ").and_then(|(_, column)| number(column)), None);
        }
    }
    (None, None, None)
}

/// A text without the numbered source lines that follow it: those are not for people to read here, and may hold a secret.
fn prose(text: &str) -> String {
    let numbered = |line: &&str| {
        let line = line.trim_start();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && line.get(digits..).is_some_and(|rest| rest.trim_start().starts_with('|'))
    };
    text.lines().filter(|line| !numbered(line)).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn rest(suite: &str, case: &Element, outcome: &Element) -> Map<String, Value> {
    let class = case.attribute("classname");
    let kind = outcome.attribute("type").filter(|kind| *kind != "description");
    [("suite", Some(suite).filter(|s| !s.is_empty())), ("classname", class), ("type", kind)]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::Finding;

    fn read(text: &str) -> Vec<Finding> {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings
    }

    #[test]
    fn names() {
        let name = |severity, rule: &str, text: &str| Name { severity, rule: Some(rule.to_owned()), text: text.to_owned() };
        assert_eq!(Name::of("[HIGH] CVE-2024-1"), name(Some(Severity::High), "CVE-2024-1", "CVE-2024-1"));
        assert_eq!(Name::of("[NONE][CKV_AWS_1] Ensure it"), name(None, "CKV_AWS_1", "Ensure it"));
        assert_eq!(Name::of("[aws-s3-x][LOW] - Bucket"), name(Some(Severity::Low), "aws-s3-x", "Bucket"));
        assert_eq!(Name::of("org.eslint.no-eval").rule.as_deref(), Some("no-eval"));
        assert_eq!(Name::of("test one"), Name { text: "test one".to_owned(), ..Name::default() });
        assert_eq!(Name::of("[[["), Name { text: "[[[".to_owned(), ..Name::default() });
    }

    #[test]
    fn trivy_and_checkov() {
        let found = read(
            r#"<testsuites name="trivy"><testsuite name="images/alpine.tar (alpine 3.10)"><properties/>
            <testcase classname="libssl1.1-1.1.1c" name="[MEDIUM] CVE-2019-1549"><failure message="openssl: disclosure" type="description">Long text.</failure></testcase></testsuite>
            <testsuite name="terraform scan"><testcase name="[NONE][CKV_AWS_1] Ensure x" classname="/main.tf.aws_x" file="/main.tf"><failure type="failure" message="Ensure x">Resource: aws_x
File: /main.tf: 3-9
Guideline: https://docs.example/x

		3 | resource { password = "hunter2" }</failure></testcase><testcase name="ok"/><testcase name="s"><skipped/></testcase></testsuite></testsuites>"#,
        );
        let f = &found[0];
        assert_eq!((f.scanner.as_str(), f.scan_type, f.severity), ("trivy", ScanType::Dependency, Severity::Medium));
        assert_eq!((f.rule_id.as_deref(), f.vulnerability_ids.len()), (Some("CVE-2019-1549"), 1));
        let package = f.package.as_ref().unwrap();
        assert_eq!((package.name.as_str(), package.version.as_deref()), ("libssl1.1", Some("1.1.1c")));
        assert_eq!((f.file_path.as_deref(), f.title.as_str()), (Some("images/alpine.tar"), "openssl: disclosure"));
        let f = &found[1];
        assert_eq!(
            (f.scan_type, f.rule_id.as_deref(), f.file_path.as_deref()),
            (ScanType::Iac, Some("CKV_AWS_1"), Some("/main.tf"))
        );
        assert_eq!((f.line, f.end_line, f.references.len()), (Some(3), Some(9), 1));
        assert!(!f.description.contains("hunter2"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn eslint_and_plain_tests() {
        let found = read(
            r#"<testsuite package="org.eslint" name="/src/a.js"><testcase name="org.eslint.no-eval" classname="/src/a"><failure message="eval"><![CDATA[line 1, col 2, Error - eval (no-eval)]]></failure></testcase>
            <testcase classname="pkg.Class" name="works"><error message="died"/><failure message="boom"/></testcase></testsuite>"#,
        );
        assert_eq!((found[0].rule_id.as_deref(), found[0].line, found[0].column), (Some("no-eval"), Some(1), Some(2)));
        assert_eq!((found.len(), found[1].title.as_str(), found[1].file_path.as_deref()), (2, "boom", Some("/src/a.js")));
        assert!(read("<testsuites/>").is_empty());
    }
}
