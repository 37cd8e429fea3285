//! Which file names are sensitive, what to call the rule, and what in the file decides.

use super::content::Check;
use crate::model::Severity::{self, Critical, High, Low, Medium};

/// One kind of sensitive file.
#[derive(Debug)]
pub(super) struct Kind {
    /// How its files are recognised.
    pattern: Pattern,
    /// The end of the rule id: `git-hygiene/sensitive-file-<id>`.
    pub id: &'static str,
    /// Severity when it is tracked by git.
    pub severity: Severity,
    pub cwe: &'static str,
    /// What it is, in a sentence: "It holds …".
    pub what: &'static str,
    pub check: Check,
    /// The `.gitignore` pattern with a rule of its own, `git-hygiene/missing-ignore-<second>`.
    pub ignore: Option<(&'static str, &'static str)>,
}

#[derive(Debug)]
enum Pattern {
    /// The whole name, lower-case.
    Name(&'static str),
    /// The end of the name, lower-case, with something before it.
    End(&'static str),
    /// The last two parts of the path, lower-case.
    Path(&'static str),
    /// The start of the name, lower-case, with something after it.
    Start(&'static str),
    /// A name that holds the one and ends in the other, lower-case.
    Around(&'static str, &'static str),
}

const fn kind(pattern: Pattern, id: &'static str, severity: Severity, what: &'static str, check: Check) -> Kind {
    Kind { pattern, id, severity, cwe: "CWE-538", what, check, ignore: None }
}

const fn key(pattern: Pattern, id: &'static str, severity: Severity, check: Check) -> Kind {
    Kind { pattern, id, severity, cwe: "CWE-321", what: "a private key", check, ignore: None }
}

impl Kind {
    const fn ignored_as(mut self, pattern: &'static str, id: &'static str) -> Self {
        self.ignore = Some((pattern, id));
        self
    }

    /// The name the title shows: the file's own.
    fn matches(&self, path: &str, name: &str) -> bool {
        match self.pattern {
            Pattern::Name(n) => name == n,
            Pattern::End(end) => name.len() > end.len() && name.ends_with(end),
            Pattern::Path(p) => path == p || path.strip_suffix(p).is_some_and(|rest| rest.ends_with('/')),
            Pattern::Start(start) => name.len() > start.len() && name.starts_with(start),
            Pattern::Around(start, end) => name.len() >= start.len() + end.len() && name.contains(start) && name.ends_with(end),
        }
    }
}

use Pattern::{Around, End, Name, Path, Start};

/// The first that matches decides. The first nine `Name` rows and the ten with an `ignore` pattern keep the ids of SecureScan for
/// Python.
pub(super) const KINDS: &[Kind] = &[
    kind(Name(".env"), "-env", Critical, "environment variables, often credentials", Check::Env).ignored_as(".env", "env"),
    kind(Name(".env.local"), "-env-local", Critical, "environment variables, often credentials", Check::Env)
        .ignored_as(".env.local", "env.local"),
    kind(Name(".env.production"), "-env-production", Critical, "credentials of the production system", Check::Env)
        .ignored_as(".env.production", "env.production"),
    kind(Name(".env.staging"), "-env-staging", Critical, "credentials of the staging system", Check::Env)
        .ignored_as(".env.staging", "env.staging"),
    key(Name("id_rsa"), "id_rsa", Critical, Check::PrivateKey).ignored_as("id_rsa", "id_rsa"),
    key(Name("id_ed25519"), "id_ed25519", Critical, Check::PrivateKey).ignored_as("id_ed25519", "id_ed25519"),
    kind(Name("credentials.json"), "credentials-json", Critical, "credentials", Check::SecretPairs),
    kind(Name("service-account.json"), "service-account-json", Critical, "the key of a service account", Check::SecretPairs),
    kind(Name(".htpasswd"), "-htpasswd", High, "password hashes", Check::Htpasswd),
    kind(Name("wp-config.php"), "wp-config-php", High, "the database password of WordPress", Check::WpConfig),
    kind(Start(".env."), "-env-other", Critical, "environment variables, often credentials", Check::Env),
    key(Name("id_dsa"), "id_dsa", Critical, Check::PrivateKey),
    key(Name("id_ecdsa"), "id_ecdsa", Critical, Check::PrivateKey),
    key(Name("id_ecdsa_sk"), "id_ecdsa_sk", High, Check::PrivateKey),
    key(Name("id_ed25519_sk"), "id_ed25519_sk", High, Check::PrivateKey),
    kind(Name(".git-credentials"), "-git-credentials", Critical, "passwords of git hosts", Check::UrlCredentials),
    kind(Path(".aws/credentials"), "-aws-credentials", Critical, "AWS access keys", Check::SecretPairs),
    kind(Path(".docker/config.json"), "-docker-config-json", High, "registry passwords", Check::DockerAuth),
    kind(Name(".dockercfg"), "-dockercfg", High, "registry passwords", Check::DockerAuth),
    kind(Name(".dockerconfigjson"), "-dockerconfigjson", High, "registry passwords", Check::DockerAuth),
    kind(Path(".kube/config"), "-kube-config", High, "access to a Kubernetes cluster", Check::Kubeconfig),
    kind(Name("kubeconfig"), "kubeconfig", High, "access to a Kubernetes cluster", Check::Kubeconfig),
    kind(End(".kubeconfig"), "kubeconfig", High, "access to a Kubernetes cluster", Check::Kubeconfig),
    kind(Name(".npmrc"), "-npmrc", High, "the token of a package registry", Check::Npmrc),
    kind(Name(".yarnrc.yml"), "-yarnrc-yml", High, "the token of a package registry", Check::Npmrc),
    kind(Name(".pypirc"), "-pypirc", High, "the token of a package index", Check::SecretPairs),
    kind(Name(".netrc"), "-netrc", High, "passwords of servers", Check::Netrc),
    kind(Name("_netrc"), "_netrc", High, "passwords of servers", Check::Netrc),
    kind(Name(".pgpass"), "-pgpass", High, "database passwords", Check::NotEmpty),
    kind(Name(".vault-token"), "-vault-token", Critical, "the token of a secret store", Check::NotEmpty),
    kind(Name("master.key"), "master-key", Critical, "the key of the encrypted credentials", Check::NotEmpty),
    kind(Name("secrets.yml"), "secrets-yml", High, "credentials", Check::SecretPairs),
    kind(Name("secrets.yaml"), "secrets-yaml", High, "credentials", Check::SecretPairs),
    kind(Name("secrets.json"), "secrets-json", High, "credentials", Check::SecretPairs),
    kind(
        Name("local.settings.json"),
        "local-settings-json",
        High,
        "settings of Azure Functions with their keys",
        Check::SecretPairs,
    ),
    kind(Around("appsettings.", ".json"), "appsettings-json", High, "application settings with passwords", Check::SecretPairs),
    kind(
        Around("firebase-adminsdk", ".json"),
        "firebase-adminsdk-json",
        Critical,
        "the key of a service account",
        Check::SecretPairs,
    ),
    kind(Name("google-services.json"), "google-services-json", Low, "API keys of a Firebase project", Check::NotEmpty),
    kind(End(".env"), "-env-other", Critical, "environment variables, often credentials", Check::Env),
    kind(Name(".bash_history"), "-bash_history", Medium, "typed commands, often with passwords", Check::NotEmpty),
    kind(Name(".zsh_history"), "-zsh_history", Medium, "typed commands, often with passwords", Check::NotEmpty),
    key(End(".pem"), "pem", Critical, Check::PrivateKey).ignored_as("*.pem", "pem"),
    key(End(".key"), "key", Critical, Check::PrivateKey).ignored_as("*.key", "key"),
    key(End(".p12"), "p12", Critical, Check::KeyStore).ignored_as("*.p12", "p12"),
    key(End(".pfx"), "pfx", Critical, Check::KeyStore).ignored_as("*.pfx", "pfx"),
    key(End(".asc"), "asc", High, Check::PrivateKey),
    key(End(".jks"), "jks", High, Check::KeyStore),
    key(End(".keystore"), "keystore", High, Check::KeyStore),
    key(End(".ppk"), "ppk", High, Check::Putty),
    kind(End(".kdbx"), "kdbx", High, "a password database", Check::NotEmpty),
    kind(End(".ovpn"), "ovpn", High, "access to a private network", Check::PrivateKey),
    kind(End(".tfstate"), "tfstate", High, "everything Terraform knows, passwords included", Check::TerraformState),
    kind(End(".tfstate.backup"), "tfstate", High, "everything Terraform knows, passwords included", Check::TerraformState),
    kind(End(".tfvars"), "tfvars", High, "Terraform variables with secrets", Check::SecretPairs),
    kind(End(".tfvars.json"), "tfvars", High, "Terraform variables with secrets", Check::SecretPairs),
    kind(End(".mobileprovision"), "mobileprovision", Low, "a provisioning profile", Check::NotEmpty),
    kind(End(".sql"), "sql-dump", Medium, "a database dump", Check::SqlDump),
    kind(End(".dump"), "sql-dump", Medium, "a database dump", Check::SqlDump),
];

/// Ends that say: this is a pattern to copy, not the real thing, or the real thing encrypted.
const EXAMPLES: &[&str] = &[
    "example", "examples", "sample", "template", "tmpl", "tpl", "dist", "default", "defaults", "schema", "md", "txt", "pub",
    "d.ts",
];

/// Ends of copies that editors and people leave behind.
const COPIES: &[&str] = &[".bak", ".backup", ".old", ".orig", ".save", ".swp", ".swo", "~", ".copy"];

/// The kind of a path, by its name; `None` when it is not sensitive.
pub(super) fn kind_of(path: &str) -> Option<&'static Kind> {
    let lower = path.to_ascii_lowercase();
    let path = without_copy_suffix(&lower);
    let mut name = path.rsplit('/').next().unwrap_or(path);
    // vim's swap file of `.env` is `.env.swp`, of `id_rsa` `.id_rsa.swp`.
    if path.len() < lower.len() && lower.ends_with(".swp") && !name.starts_with(".env") {
        name = name.strip_prefix('.').unwrap_or(name);
    }
    let is_example = EXAMPLES.iter().any(|e| name.strip_suffix(e).is_some_and(|rest| rest.ends_with(['.', '-', '_'])));
    let is_example = is_example || name.starts_with("example.") || name.starts_with("sample.") || name.contains(".example.");
    if is_example {
        return None;
    }
    KINDS.iter().find(|k| k.matches(path, name))
}

fn without_copy_suffix(path: &str) -> &str {
    // `terraform.tfstate.backup` is Terraform's own and stays.
    if path.ends_with(".tfstate.backup") {
        return path;
    }
    COPIES.iter().find_map(|c| path.strip_suffix(c)).unwrap_or(path)
}

/// Whether a path lies among tests, fixtures or examples: a key there is most likely made for them.
pub(super) fn is_test_path(path: &str) -> bool {
    const PARTS: &[&str] = &[
        "test",
        "tests",
        "testing",
        "testdata",
        "test-data",
        "test_data",
        "fixtures",
        "fixture",
        "__fixtures__",
        "__tests__",
        "spec",
        "specs",
        "mocks",
        "examples",
        "example",
        "samples",
        "sample",
        "docs",
        "e2e",
        "testcerts",
        "test-certs",
    ];
    let folders = path.rsplit_once('/').map_or("", |(f, _)| f);
    folders.split('/').any(|part| PARTS.contains(&part.to_ascii_lowercase().as_str()))
}
