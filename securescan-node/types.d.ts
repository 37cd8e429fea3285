// Generated from the tables of the engine by scripts/types.mjs: do not edit.

import type { ScanType } from './index'

/** The stable words an error is told by. */
export type ErrorCode =
  | 'invalid_argument'
  | 'parse'
  | 'config'
  | 'limit'
  | 'scanner'
  | 'cancelled'
  | 'unsupported'
  | 'io'
  | 'render'
  | 'baseline'
  | 'internal'

/** Formats that are read. */
export type ReportFormat =
  | 'anchore'
  | 'asff'
  | 'auditjs'
  | 'bandit'
  | 'betterleaks'
  | 'brakeman'
  | 'bundler-audit'
  | 'burp'
  | 'cargo-audit'
  | 'cfn-lint'
  | 'cfn-nag'
  | 'checkov'
  | 'checkstyle'
  | 'clair'
  | 'composer-audit'
  | 'cppcheck'
  | 'cyclonedx'
  | 'dependabot'
  | 'dependency-check'
  | 'dependency-track'
  | 'detect-secrets'
  | 'dockle'
  | 'dotnet'
  | 'eslint'
  | 'flawfinder'
  | 'ggshield'
  | 'github'
  | 'gitlab'
  | 'gitlab-codequality'
  | 'gitleaks'
  | 'golangci-lint'
  | 'gosec'
  | 'govulncheck'
  | 'grype'
  | 'hadolint'
  | 'horusec'
  | 'jfrog-xray'
  | 'junit'
  | 'kics'
  | 'kingfisher'
  | 'kube-bench'
  | 'kubescape'
  | 'mobsfscan'
  | 'nancy'
  | 'nessus'
  | 'nikto'
  | 'njsscan'
  | 'nmap'
  | 'noseyparker'
  | 'npm-audit'
  | 'nuclei'
  | 'osv-scanner'
  | 'phpstan'
  | 'pip-audit'
  | 'pip-licenses'
  | 'pmd'
  | 'prowler'
  | 'psalm'
  | 'pylint'
  | 'retire-js'
  | 'rubocop'
  | 'ruff'
  | 'safety'
  | 'sarif'
  | 'securescan'
  | 'semgrep'
  | 'shellcheck'
  | 'snyk'
  | 'sonarqube'
  | 'spdx'
  | 'spotbugs'
  | 'sslyze'
  | 'terrascan'
  | 'testssl'
  | 'tflint'
  | 'tfsec'
  | 'trivy'
  | 'trivy-operator'
  | 'trufflehog'
  | 'trufflehog3'
  | 'whispers'
  | 'wpscan'
  | 'yarn-audit'
  | 'zap'
  | 'zizmor'

/** Formats that are written as text. */
export type TextFormat =
  | 'csv'
  | 'github-annotations'
  | 'github-pr-comment'
  | 'github-review'
  | 'gitlab-codequality'
  | 'gitlab-sast'
  | 'json'
  | 'junit'
  | 'markdown'
  | 'report-html'
  | 'sarif'
  | 'snapshot'
  | 'table'
  | 'text'

/** Formats that are written as bytes. */
export type BinaryFormat =
  | 'report-pdf'

/** Formats that are written. */
export type RenderFormat = TextFormat | BinaryFormat

/** Scanners, by name. */
export type ScannerName =
  | 'semgrep'
  | 'bandit'
  | 'trivy'
  | 'checkov'
  | 'baseline'
  | 'secrets'
  | 'safety'
  | 'licenses'
  | 'dockerfile'
  | 'npm-audit'
  | 'git-hygiene'
  | 'builtin_dast'
  | 'zap'
  | 'nmap'

/** What the engine takes for a scan. */
export interface EngineScanOptions {
  /** Kinds of scan: list of `code`, `dependency`, `iac`, `baseline`, `dast`, `network`; default the configuration's, else the first four. */
  types?: readonly ScanType[] | null
  /** Scanners by name; default all of the kinds. */
  scanners?: readonly ScannerName[] | null
  /** Where `dast` scanners look. */
  targetUrl?: string | null
  /** Where `network` scanners look. */
  targetHost?: string | null
  /** Text of a configuration file, in the place of the one found. */
  config?: string | null
  /** Path of a configuration file, in the place of the one found. */
  configFile?: string | null
  /** Whether to use no configuration at all; default false. */
  noConfig?: boolean | null
  /** Text of a baseline file: what it records is suppressed. */
  baseline?: string | null
  /** Path of a baseline file. */
  baselineFile?: string | null
  /** Whether comments, configuration and baseline suppress; default true. */
  suppress?: boolean | null
  /** Threads; default one a core. */
  jobs?: number | null
  /** Limit of the whole scan in seconds; default none. */
  timeout?: number | null
  /** Limits in seconds by scanner. */
  scannerTimeouts?: { readonly [scanner in ScannerName]?: number } | null
  /** Semgrep rule files or folders in the place of its registry. */
  semgrepRules?: readonly string[] | null
  /** Whether tools may ask their makers for rules and advisories; default true. */
  online?: boolean | null
  /** Whether files that `.gitignore` excludes are looked at; default false. */
  noIgnore?: boolean | null
  /** Whether vendored trees are looked at; default false. */
  vendored?: boolean | null
  /** Larger files are skipped and listed in the coverage, in bytes; default 10 MiB. */
  maxFileBytes?: number | null
  /** Whether to look at what is staged in git; default false. */
  staged?: boolean | null
  /** Whether to look for secrets in the whole git history; default false. */
  history?: boolean | null
  /** Whether the `baseline` scanner probes this machine; default false. */
  hostProbes?: boolean | null
  /** Gitleaks-format files with more secret rules. */
  secretRules?: readonly string[] | null
  /** Where tools are, by scanner name. */
  toolPaths?: { readonly [scanner in ScannerName]?: string } | null
  /** Where ZAP listens; default `http://127.0.0.1:8090`. */
  zapAddress?: string | null
  /** The key of ZAP's API. */
  zapApiKey?: string | null
}
