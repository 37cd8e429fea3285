//! Pairs of real rules of real tools on one line: which are one thing and which are not.

use super::tests::{at, one};
use crate::model::{Finding, ScanType};

/// `tool rule cwe | tool rule cwe`, `-` for no CWE; a rule of several words has `_` for each space.
const ONE: &str = "
    bandit B602 CWE-78 | ruff S602 -
    bandit B602 CWE-78 | semgrep python.lang.security.audit.subprocess-shell-true.subprocess-shell-true CWE-78
    bandit B602 CWE-78 | codeql py/command-line-injection CWE-78
    bandit B602 CWE-78 | semgrep rules.our-own-shell-rule CWE-78
    bandit B605 CWE-78 | semgrep python.lang.security.audit.dangerous-system-call.dangerous-system-call CWE-78
    bandit B607 CWE-78 | ruff S607 -
    bandit B404 CWE-78 | ruff S404 -
    bandit B603 CWE-78 | flake8 S603 -
    bandit B101 CWE-703 | ruff S101 -
    bandit B101 CWE-703 | semgrep bandit.B101 -
    bandit B307 CWE-78 | ruff S307 -
    bandit B307 CWE-78 | semgrep python.lang.security.audit.eval-detected.eval-detected CWE-95
    bandit B307 CWE-78 | codeql py/code-injection CWE-94
    bandit B102 CWE-78 | semgrep python.lang.security.audit.exec-detected.exec-detected CWE-95
    bandit B608 CWE-89 | ruff S608 -
    bandit B608 CWE-89 | semgrep rules.python-sql-format CWE-89
    bandit B608 CWE-89 | semgrep python.lang.security.audit.formatted-sql-query.formatted-sql-query CWE-89
    bandit B608 CWE-89 | codeql py/sql-injection CWE-89
    bandit B610 CWE-89 | ruff S610 -
    bandit B301 CWE-502 | ruff S301 -
    bandit B301 CWE-502 | semgrep python.lang.security.deserialization.pickle.avoid-pickle CWE-502
    bandit B301 CWE-502 | codeql py/unsafe-deserialization CWE-502
    bandit B506 CWE-20 | ruff S506 -
    bandit B506 CWE-20 | semgrep python.lang.security.deserialization.avoid-pyyaml-load.avoid-pyyaml-load CWE-502
    bandit B324 CWE-327 | ruff S324 -
    bandit B324 CWE-327 | semgrep rules.python-md5 CWE-327
    bandit B324 CWE-327 | semgrep python.lang.security.insecure-hash-algorithms-md5.insecure-hash-algorithm-md5 CWE-327
    bandit B303 CWE-327 | semgrep rules.ours CWE-328
    bandit B304 CWE-327 | semgrep rules.ours CWE-327
    bandit B305 CWE-327 | semgrep python.cryptography.security.insecure-cipher-mode-ecb.insecure-cipher-mode-ecb CWE-327
    bandit B311 CWE-330 | ruff S311 -
    bandit B311 CWE-330 | semgrep rules.ours CWE-338
    bandit B104 CWE-605 | ruff S104 -
    bandit B104 CWE-605 | semgrep python.flask.security.audit.app-run-param-config.avoid_app_run_with_bad_host CWE-668
    bandit B104 CWE-605 | codeql py/bind-socket-all-network-interfaces CWE-200
    bandit B201 CWE-94 | ruff S201 -
    bandit B201 CWE-94 | semgrep python.flask.security.audit.debug-enabled.debug-enabled CWE-489
    bandit B201 CWE-94 | codeql py/flask-debug CWE-215
    bandit B501 CWE-295 | semgrep python.requests.security.disabled-cert-validation.disabled-cert-validation CWE-295
    bandit B501 CWE-295 | codeql py/request-without-cert-validation CWE-295
    bandit B507 CWE-295 | codeql py/paramiko-missing-host-key-validation CWE-295
    bandit B108 CWE-377 | ruff S108 -
    bandit B306 CWE-377 | semgrep python.lang.correctness.tempfile.mktemp.tempfile-insecure -
    bandit B701 CWE-94 | semgrep python.jinja2.security.audit.missing-autoescape-disabled.missing-autoescape-disabled CWE-116
    bandit B105 CWE-259 | ruff S105 -
    bandit B105 CWE-259 | gitleaks generic-api-key -
    bandit B106 CWE-259 | semgrep rules.ours CWE-798
    gitleaks aws-access-token - | kingfisher betterleaks.aws-access-token -
    gitleaks github-pat - | trivy github-pat CWE-798
    gitleaks generic-api-key - | detect-secrets Secret_Keyword -
    gosec G204 CWE-78 | semgrep go.lang.security.audit.dangerous-exec-command.dangerous-exec-command CWE-94
    gosec G201 CWE-89 | codeql go/sql-injection CWE-89
    gosec G401 CWE-328 | semgrep go.lang.security.audit.crypto.use_of_weak_crypto.use-of-md5 CWE-328
    gosec G402 CWE-295 | codeql go/disabled-certificate-check CWE-295
    gosec G404 CWE-338 | semgrep go.lang.security.audit.crypto.math_random.math-random-used CWE-338
    gosec G304 CWE-22 | codeql go/path-injection CWE-22
    gosec G107 CWE-88 | codeql go/request-forgery CWE-918
    gosec G305 CWE-22 | codeql go/zipslip CWE-22
    eslint security/detect-child-process - | semgrep javascript.lang.security.detect-child-process.detect-child-process CWE-78
    eslint security/detect-eval-with-expression - | semgrep rules.js-eval CWE-95
    eslint no-eval - | codeql js/code-injection CWE-94
    eslint security/detect-non-literal-regexp - | semgrep javascript.lang.security.audit.detect-non-literal-regexp.detect-non-literal-regexp CWE-1333
    eslint security/detect-pseudoRandomBytes - | codeql js/insecure-randomness CWE-338
    brakeman SQL_Injection CWE-89 | codeql rb/sql-injection CWE-89
    brakeman Redirect CWE-601 | codeql rb/url-redirection CWE-601
    brakeman Command_Injection CWE-77 | semgrep rules.ours CWE-78
    flawfinder FF1001 CWE-120 | codeql cpp/unbounded-write CWE-120
    flawfinder FF1016 CWE-134 | semgrep rules.ours CWE-134
    flawfinder FF1044 CWE-78 | codeql cpp/command-line-injection CWE-78
    cppcheck arrayIndexOutOfBounds CWE-788 | semgrep rules.ours CWE-787
    cppcheck doubleFree CWE-415 | codeql cpp/double-free CWE-415
    cppcheck memleak CWE-401 | tool-x leak CWE-401
    tool-x one CWE-352 | tool-y two CWE-352
    tool-x one CWE-5 | tool-y two CWE-5
    tool-x same-name - | tool-y Same-Name -
    njsscan node_sqli_injection CWE-89 | semgrep rules.ours CWE-89
    Dockerfile hadolint DL3007 - | trivy DS-0001 -
    Dockerfile hadolint DL3007 - | checkov CKV_DOCKER_7 -
    Dockerfile hadolint DL3007 - | dockerfile dockerfile/DL001 CWE-829
    Dockerfile hadolint DL3006 - | dockerfile dockerfile/untagged-image CWE-829
    Dockerfile hadolint DL3002 - | trivy AVD-DS-0002 -
    Dockerfile hadolint DL3002 - | checkov CKV_DOCKER_8 -
    Dockerfile hadolint DL3002 - | semgrep dockerfile.security.last-user-is-root.last-user-is-root CWE-269
    Dockerfile trivy DS-0002 - | kics missing_user CWE-250
    Dockerfile trivy DS002 - | checkov CKV_DOCKER_3 -
    Dockerfile trivy DS-0026 - | checkov CKV_DOCKER_2 -
    Dockerfile hadolint DL3057 - | dockerfile dockerfile/no-healthcheck -
    Dockerfile hadolint DL3015 - | trivy DS-0029 -
    Dockerfile hadolint DL3008 - | dockerfile dockerfile/unpinned-apt-package CWE-829
    Dockerfile hadolint DL3020 - | trivy DS-0005 -
    Dockerfile hadolint DL3020 - | checkov CKV_DOCKER_4 -
    Dockerfile hadolint DL3003 - | trivy DS-0013 -
    Dockerfile hadolint DL4000 - | checkov CKV_DOCKER_6 -
    Dockerfile trivy DS-0022 - | checkov CKV_DOCKER_6 -
    Dockerfile hadolint DL3064 - | trivy DS-0031 -
    Dockerfile hadolint DL3064 - | dockerfile dockerfile/DL007 CWE-526
    Dockerfile trivy DS-0004 - | checkov CKV_DOCKER_1 -
    Dockerfile hadolint DL3004 - | trivy DS010 -
    Dockerfile hadolint DL4004 - | trivy DS-0007 -
    Dockerfile dockerfile dockerfile/curl-insecure CWE-295 | checkov CKV2_DOCKER_2 -
    main.tf trivy AWS-0092 - | checkov CKV_AWS_20 -
    main.tf trivy AVD-AWS-0107 - | checkov CKV_AWS_24 -
    main.tf trivy AWS-0089 - | checkov CKV_AWS_18 -
    main.tf trivy AWS-0090 - | checkov CKV_AWS_21 -
    main.tf trivy AWS-0132 - | checkov CKV_AWS_145 -
    main.tf trivy AWS-0099 - | checkov CKV_AWS_23 -
    pod.yaml trivy KSV017 - | checkov CKV_K8S_16 -
    pod.yaml trivy KSV-0001 - | semgrep yaml.kubernetes.security.allow-privilege-escalation.allow-privilege-escalation CWE-732
    ci.yml zizmor zizmor/unpinned-uses - | semgrep yaml.github-actions.security.third-party-action-not-pinned-to-commit-sha.third-party-action-not-pinned-to-commit-sha CWE-1357
    ci.yml zizmor template-injection - | semgrep yaml.github-actions.security.run-shell-injection.run-shell-injection CWE-78
    ci.yml zizmor template-injection - | checkov CKV_GHA_2 -
    ci.yml zizmor unpinned-uses - | codeql actions/unpinned-tag CWE-829
";

const TWO: &str = "
    bandit B602 CWE-78 | ruff S607 -
    bandit B602 CWE-78 | ruff S603 -
    bandit B602 CWE-78 | ruff S307 -
    bandit B404 CWE-78 | semgrep rules.ours CWE-78
    bandit B607 CWE-78 | semgrep python.lang.security.audit.subprocess-shell-true.subprocess-shell-true CWE-78
    bandit B603 CWE-78 | codeql py/command-line-injection CWE-78
    bandit B307 CWE-78 | semgrep rules.ours CWE-78
    bandit B307 CWE-78 | codeql py/command-line-injection CWE-78
    bandit B201 CWE-94 | codeql py/code-injection CWE-94
    bandit B201 CWE-94 | ruff S104 -
    bandit B104 CWE-605 | ruff S201 -
    bandit B701 CWE-94 | semgrep python.lang.security.audit.eval-detected.eval-detected CWE-95
    bandit B506 CWE-20 | semgrep rules.ours CWE-20
    bandit B403 CWE-502 | semgrep python.lang.security.deserialization.pickle.avoid-pickle CWE-502
    bandit B403 CWE-502 | ruff S301 -
    bandit B324 CWE-327 | semgrep python.cryptography.security.insecure-cipher-mode-ecb.insecure-cipher-mode-ecb CWE-327
    bandit B324 CWE-327 | bandit B303 CWE-327
    bandit B324 CWE-327 | ruff S311 -
    bandit B304 CWE-327 | semgrep python.lang.security.insecure-hash-algorithms-md5.insecure-hash-algorithm-md5 CWE-327
    bandit B501 CWE-295 | bandit B507 CWE-295
    bandit B501 CWE-295 | codeql py/paramiko-missing-host-key-validation CWE-295
    bandit B507 CWE-295 | semgrep python.requests.security.disabled-cert-validation.disabled-cert-validation CWE-295
    bandit B608 CWE-89 | codeql py/command-line-injection CWE-78
    bandit B608 CWE-89 | semgrep rules.ours CWE-79
    bandit B602 CWE-78 | semgrep rules.ours CWE-88
    bandit B110 CWE-703 | ruff S112 -
    bandit B101 CWE-703 | ruff S110 -
    bandit B108 CWE-377 | ruff S103 -
    bandit B105 CWE-259 | ruff S608 -
    bandit B105 CWE-259 | semgrep rules.ours CWE-89
    bandit B310 CWE-22 | codeql py/path-injection CWE-22
    bandit B202 CWE-22 | semgrep rules.ours CWE-22
    bandit B413 CWE-327 | codeql py/weak-cryptographic-algorithm CWE-327
    bandit B113 CWE-400 | semgrep rules.ours CWE-1333
    tool-x one CWE-20 | tool-y two CWE-20
    tool-x one CWE-74 | tool-y two CWE-74
    tool-x one CWE-693 | tool-y two CWE-693
    tool-x one CWE-710 | tool-y two CWE-710
    tool-x one CWE-284 | tool-y two CWE-284
    tool-x one CWE-119 | tool-y two CWE-119
    tool-x one CWE-89 | tool-y two CWE-564x
    tool-x one CWE-22 | tool-y two CWE-79
    tool-x one CWE-78 | tool-y two CWE-94
    tool-x one CWE-89 | tool-y two CWE-943
    tool-x one CWE-611 | tool-y two CWE-776
    tool-x one CWE-614 | tool-y two CWE-1004
    tool-x one CWE-125 | tool-y two CWE-787
    tool-x one CWE-415 | tool-y two CWE-416
    tool-x one CWE-326 | tool-y two CWE-328
    tool-x one - | tool-y two -
    tool-x same CWE-89 | tool-x other CWE-89
    gosec G204 CWE-78 | codeql go/sql-injection CWE-89
    gosec G401 CWE-328 | gosec G501 CWE-327
    gosec G501 CWE-327 | semgrep go.lang.security.audit.crypto.use_of_weak_crypto.use-of-md5 CWE-328
    gosec G304 CWE-22 | codeql go/zipslip CWE-22
    gosec G104 CWE-703 | codeql go/log-injection CWE-117
    eslint security/detect-eval-with-expression - | eslint no-eval -
    eslint security/detect-object-injection - | semgrep rules.js-eval CWE-95
    eslint security/detect-unsafe-regex - | semgrep javascript.lang.security.audit.detect-non-literal-regexp.detect-non-literal-regexp CWE-1333
    eslint security/detect-child-process - | codeql js/code-injection CWE-94
    eslint security/detect-non-literal-require - | semgrep javascript.lang.security.audit.path-traversal.path-join-resolve-traversal CWE-22
    brakeman SQL_Injection CWE-89 | codeql rb/command-line-injection CWE-78
    flawfinder FF1013 CWE-119 | cppcheck arrayIndexOutOfBounds CWE-788
    flawfinder FF1022 CWE-126 | semgrep rules.ours CWE-120
    cppcheck memleak CWE-401 | cppcheck doubleFree CWE-415
    cppcheck doubleFree CWE-415 | codeql cpp/use-after-free CWE-416
    gitleaks generic-api-key - | semgrep rules.ours CWE-327
    Dockerfile hadolint DL3007 - | hadolint DL3006 -
    Dockerfile hadolint DL3008 - | trivy DS-0029 -
    Dockerfile hadolint DL3009 - | trivy DS-0029 -
    Dockerfile hadolint DL3015 - | dockerfile dockerfile/unpinned-apt-package CWE-829
    Dockerfile hadolint DL3013 - | dockerfile dockerfile/unpinned-npm-package CWE-829
    Dockerfile hadolint DL3013 - | dockerfile dockerfile/DL009 -
    Dockerfile hadolint DL3007 - | trivy DS-0026 -
    Dockerfile checkov CKV_DOCKER_2 - | trivy DS-0002 -
    Dockerfile checkov CKV_DOCKER_3 - | trivy DS-0026 -
    Dockerfile checkov CKV_DOCKER_7 - | trivy DS-0026 -
    Dockerfile hadolint DL3003 - | hadolint DL4006 -
    Dockerfile hadolint DL4006 - | trivy DS-0013 -
    Dockerfile hadolint DL3064 - | trivy DS-0004 -
    Dockerfile hadolint DL4003 - | trivy DS-0007 -
    Dockerfile dockerfile dockerfile/curl-insecure CWE-295 | checkov CKV2_DOCKER_3 -
    Dockerfile dockerfile dockerfile/DL001 CWE-829 | kics unpinned_apt CWE-829
    main.tf trivy AWS-0092 - | checkov CKV_AWS_21 -
    main.tf trivy AWS-0086 - | checkov CKV_AWS_54 -
    main.tf trivy AWS-0094 - | checkov CKV_AWS_20 -
    main.tf trivy AWS-0132 - | checkov CKV_AWS_18 -
    main.tf trivy AWS-0088 - | checkov CKV_AWS_145 -
    main.tf trivy AWS-0107 - | checkov CKV_AWS_382 -
    main.tf trivy AWS-0099 - | checkov CKV2_AWS_5 -
    pod.yaml trivy KSV017 - | checkov CKV_K8S_20 -
    pod.yaml trivy KSV011 - | checkov CKV_K8S_13 -
    ci.yml zizmor artipacked - | semgrep yaml.github-actions.security.third-party-action-not-pinned-to-commit-sha.third-party-action-not-pinned-to-commit-sha CWE-1357
    ci.yml zizmor template-injection - | zizmor unpinned-uses -
    ci.yml zizmor excessive-permissions - | checkov CKV_GHA_2 -
";

fn pairs(text: &str) -> Vec<(String, Finding, Finding)> {
    let finding = |file: &str, words: &[&str]| {
        let scan_type = if file == "a.py" { ScanType::Code } else { ScanType::Iac };
        let cwe = Some(words[2]).filter(|cwe| *cwe != "-");
        Finding {
            scan_type,
            cwe: cwe.map(str::to_owned),
            ..at(words[0], &words[1].replace('_', if words[0] == "brakeman" { " " } else { "_" }), file, 7)
        }
    };
    let line = |line: &str| {
        let (left, right) = line.split_once(" | ").unwrap();
        let (left, right): (Vec<_>, Vec<_>) = (left.split_whitespace().collect(), right.split_whitespace().collect());
        let (file, left) = if left.len() == 4 { (left[0], &left[1..]) } else { ("a.py", &left[..]) };
        (line.trim().to_owned(), finding(file, left), finding(file, &right))
    };
    text.lines().filter(|l| !l.trim().is_empty()).map(line).collect()
}

#[test]
fn rules_of_two_tools_that_are_one_thing() {
    let pairs = pairs(ONE);
    let apart: Vec<_> = pairs.iter().filter(|(_, a, b)| !one(a, b)).map(|(name, ..)| name).collect();
    assert!(apart.is_empty(), "not merged: {apart:#?}");
    assert!(pairs.len() >= 100, "{}", pairs.len());
}

#[test]
fn rules_of_two_tools_that_are_two_things() {
    let pairs = pairs(TWO);
    let merged: Vec<_> = pairs.iter().filter(|(_, a, b)| one(a, b)).map(|(name, ..)| name).collect();
    assert!(merged.is_empty(), "merged: {merged:#?}");
    assert!(pairs.len() >= 90, "{}", pairs.len());
}

#[test]
fn no_pair_is_one_across_files_and_lines() {
    for (name, a, b) in pairs(ONE) {
        let elsewhere = Finding { file_path: Some("other/Dockerfile".into()), ..b.clone() };
        assert!(!one(&a, &elsewhere), "{name}: another file");
        let below = Finding { line: Some(9), ..b.clone() };
        let of_file = |f: &Finding| {
            super::classes::of(f).iter().any(|id| super::classes::table().row(*id).unwrap().name == "no-healthcheck")
        };
        assert_eq!(one(&a, &below), of_file(&a), "{name}: another line");
    }
}
