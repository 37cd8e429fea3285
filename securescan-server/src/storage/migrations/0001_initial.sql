-- The whole schema of the service. Times are microseconds since 1970 in UTC; JSON is text; booleans are 0 and 1.
-- A name once published here is kept: later migrations add and never rename.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- `seq` is the order of creation and what other tables refer to; `id` is what the world sees.
CREATE TABLE scans (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  target_path TEXT NOT NULL,
  target_url TEXT,
  target_host TEXT,
  scan_types TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  created_by TEXT,
  findings_count INTEGER NOT NULL DEFAULT 0,
  suppressed INTEGER NOT NULL DEFAULT 0,
  critical INTEGER NOT NULL DEFAULT 0,
  high INTEGER NOT NULL DEFAULT 0,
  medium INTEGER NOT NULL DEFAULT 0,
  low INTEGER NOT NULL DEFAULT 0,
  info INTEGER NOT NULL DEFAULT 0,
  risk_score REAL,
  summary TEXT,
  error TEXT,
  scanners_run TEXT NOT NULL DEFAULT '[]',
  scanners_skipped TEXT NOT NULL DEFAULT '[]',
  scanners_failed TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX scans_by_status ON scans (status, seq);
CREATE INDEX scans_by_completion ON scans (completed_at) WHERE status = 'completed';
CREATE INDEX scans_by_target ON scans (target_path, seq);

-- One line a scanner, as the engine's coverage has it.
CREATE TABLE coverage (
  scan INTEGER NOT NULL REFERENCES scans (seq) ON DELETE CASCADE,
  ord INTEGER NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (scan, ord)
) WITHOUT ROWID;

-- What findings are chosen by, in narrow rows; `ord` is the place in the canonical order and what pages are keyed on.
CREATE TABLE findings (
  scan INTEGER NOT NULL REFERENCES scans (seq) ON DELETE CASCADE,
  ord INTEGER NOT NULL,
  severity TEXT NOT NULL,
  scanner TEXT NOT NULL,
  scan_type TEXT NOT NULL,
  suppressed INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  legacy_fingerprint TEXT,
  rule_id TEXT,
  file_path TEXT,
  line INTEGER,
  end_line INTEGER,
  words TEXT NOT NULL,
  PRIMARY KEY (scan, ord)
) WITHOUT ROWID;
CREATE INDEX findings_by_severity ON findings (scan, severity, ord);
CREATE INDEX findings_by_scanner ON findings (scan, scanner, ord);
CREATE INDEX findings_by_type ON findings (scan, scan_type, ord);
CREATE INDEX findings_by_path ON findings (scan, file_path, ord);
CREATE INDEX findings_by_suppression ON findings (scan, suppressed, ord);
CREATE INDEX findings_by_fingerprint ON findings (fingerprint, scan);
CREATE INDEX findings_by_legacy ON findings (legacy_fingerprint, scan) WHERE legacy_fingerprint IS NOT NULL;

-- The findings themselves: the engine's own JSON, so that what is answered is what the command line writes. With row ids, because a
-- table without them gives each row above a quarter of a page a page of its own.
CREATE TABLE finding_bodies (
  scan INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (scan, ord),
  FOREIGN KEY (scan, ord) REFERENCES findings (scan, ord) ON DELETE CASCADE
);

-- What a language model said about a finding. Beside it and never in it.
CREATE TABLE finding_advice (
  scan INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  model TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (scan, ord),
  FOREIGN KEY (scan, ord) REFERENCES findings (scan, ord) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE finding_tags (
  scan INTEGER NOT NULL,
  tag TEXT NOT NULL,
  ord INTEGER NOT NULL,
  PRIMARY KEY (scan, tag, ord),
  FOREIGN KEY (scan, ord) REFERENCES findings (scan, ord) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX finding_tags_by_finding ON finding_tags (scan, ord);

-- Verdicts and comments belong to a fingerprint, v2 or v1, and outlive every scan.
CREATE TABLE finding_states (
  fingerprint TEXT PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('new', 'triaged', 'false_positive', 'accepted_risk', 'fixed', 'wont_fix')),
  note TEXT,
  updated_at INTEGER NOT NULL,
  updated_by TEXT,
  principal TEXT,
  regressed_at INTEGER
);
CREATE INDEX finding_states_by_status ON finding_states (status);

CREATE TABLE finding_comments (
  id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  text TEXT NOT NULL,
  author TEXT,
  principal TEXT,
  created_at INTEGER NOT NULL
);
CREATE INDEX finding_comments_by_fingerprint ON finding_comments (fingerprint, created_at, id);

CREATE TABLE sbom_documents (
  id TEXT PRIMARY KEY,
  scan_id TEXT,
  target_path TEXT NOT NULL,
  format TEXT NOT NULL DEFAULT 'cyclonedx',
  created_at INTEGER NOT NULL,
  component_count INTEGER NOT NULL DEFAULT 0,
  document TEXT
);
CREATE INDEX sbom_documents_by_scan ON sbom_documents (scan_id, created_at);
CREATE INDEX sbom_documents_by_age ON sbom_documents (created_at, id);

CREATE TABLE sbom_components (
  id TEXT PRIMARY KEY,
  sbom_id TEXT NOT NULL REFERENCES sbom_documents (id) ON DELETE CASCADE,
  ord INTEGER NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT 'library',
  purl TEXT,
  license TEXT,
  supplier TEXT
);
CREATE INDEX sbom_components_by_document ON sbom_components (sbom_id, ord);

-- The plain key is never stored. Rows are kept after revocation.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT,
  last_used_at INTEGER,
  revoked_at INTEGER
);
CREATE INDEX api_keys_by_age ON api_keys (created_at, id);
CREATE INDEX api_keys_active ON api_keys (id) WHERE revoked_at IS NULL;

-- One notification for one thing: `scanner` is empty where none is concerned.
CREATE TABLE notifications (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT,
  link TEXT,
  severity TEXT NOT NULL DEFAULT 'info',
  scan_id TEXT,
  scanner TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  read_at INTEGER
);
CREATE UNIQUE INDEX notifications_once ON notifications (type, scan_id, scanner) WHERE scan_id IS NOT NULL;
CREATE INDEX notifications_unread ON notifications (created_at) WHERE read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (created_at, id);

-- `previous_secret` still signs until `previous_until`, after a rotation.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_until INTEGER,
  event_filter TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  failing_since INTEGER,
  disabled_reason TEXT
);
CREATE INDEX webhooks_by_age ON webhooks (created_at, id);

-- The outbox. `seq` is the order of one webhook's deliveries; a claim is a lease with an owner.
CREATE TABLE webhook_deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  payload TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivering', 'succeeded', 'failed')),
  attempt INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  response_code INTEGER,
  response_body TEXT,
  lease_owner TEXT,
  lease_until INTEGER
);
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (webhook_id, seq) WHERE status IN ('pending', 'delivering');
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (status, next_attempt_at);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at DESC, seq DESC);

CREATE TABLE webhook_attempts (
  delivery INTEGER NOT NULL REFERENCES webhook_deliveries (seq) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  response_code INTEGER,
  latency_ms INTEGER,
  error TEXT,
  PRIMARY KEY (delivery, attempt)
) WITHOUT ROWID;

-- Who did what. Only ever added to.
CREATE TABLE audit_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  principal TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT,
  detail TEXT NOT NULL DEFAULT '{}',
  request_id TEXT
);
CREATE INDEX audit_log_by_subject ON audit_log (subject, seq);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
