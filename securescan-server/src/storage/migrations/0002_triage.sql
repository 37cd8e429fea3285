-- What the service for Python called a finding of a target: `alias` is a fingerprint of scheme v1 that can be computed today, relative
-- to the target, and `fingerprint` the one that its verdicts and comments are kept under.
CREATE TABLE fingerprint_aliases (
  target_path TEXT NOT NULL,
  alias TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (target_path, alias)
) WITHOUT ROWID;

-- The same bill in the other format, so that both are answered as they were made.
ALTER TABLE sbom_documents ADD COLUMN other_document TEXT;
