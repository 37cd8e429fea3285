//! The conformance suite over the Rust facade, and the suite's own rules.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail the test it helps")]

use securescan_conformance::{Case, Expected, Suite, Tally, folder, judge};
use securescan_core::api::{OPERATIONS, call_json, error_json};
use std::collections::BTreeSet;

fn suite() -> Suite {
    Suite::read(&folder()).unwrap()
}

fn run(case: &Case) -> Result<(), String> {
    match call_json(&case.op, &case.request) {
        Ok(text) => judge(case, Ok(&text)),
        Err(error) => judge(case, Err(&error_json(&error))),
    }
}

#[test]
fn every_case_holds() {
    let tally = Tally::run(&suite(), run);
    print!("{}", tally.report("rust"));
    assert!(tally.failures.is_empty(), "\n{}", tally.failures.join("\n"));
    assert!(tally.ran > 0);
}

#[test]
fn an_answer_is_the_same_twice() {
    for case in suite().cases {
        let answer = || call_json(&case.op, &case.request).map_err(|e| error_json(&e));
        assert_eq!(answer(), answer(), "{}", case.id);
    }
}

#[test]
fn every_operation_has_a_case_that_works_and_one_that_fails() {
    let suite = suite();
    let names: BTreeSet<_> = OPERATIONS.iter().map(|o| o.name).collect();
    let mut wrong = Vec::new();
    for name in &names {
        let of_it = || suite.cases.iter().filter(|case| case.op == **name);
        // What works differs from machine to machine.
        if **name != *"status" && !of_it().any(|case| matches!(case.expect, Expected::Ok(_))) {
            wrong.push(format!("`{name}` has no case that works"));
        }
        if !of_it().any(|case| matches!(case.expect, Expected::Err(_))) {
            wrong.push(format!("`{name}` has no case that fails"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is called pending must be missing, and what is missing must be called pending.
#[test]
fn the_pending_list_is_not_stale() {
    let suite = suite();
    let names: BTreeSet<_> = OPERATIONS.iter().map(|o| o.name).collect();
    let mut wrong = Vec::new();
    for (key, case) in suite.pending.keys().map(|key| (key, suite.cases.iter().find(|case| case.id == *key))) {
        let stale = case.map_or_else(|| names.contains(key.as_str()), |case| run(case).is_ok());
        if stale {
            wrong.push(format!("`{key}` is here: take it out of conformance/pending.json"));
        }
        if case.is_none() && !suite.cases.iter().any(|case| case.op == *key) {
            wrong.push(format!("`{key}` in conformance/pending.json is neither an operation nor a case"));
        }
    }
    for case in suite.cases.iter().filter(|case| !case.id.starts_with("call/")) {
        if !names.contains(case.op.as_str()) && suite.skipped(case).is_none() {
            wrong.push(format!("{}: no such operation", case.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_registry_is_in_alphabetical_order() {
    assert!(OPERATIONS.iter().map(|o| o.name).is_sorted());
}
