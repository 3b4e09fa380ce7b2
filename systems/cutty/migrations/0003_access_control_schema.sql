-- Who may do what with a file, and what was refused (C7).

CREATE TABLE file_permissions (
  id TEXT PRIMARY KEY NOT NULL,
  file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'editor')),
  granted_by TEXT REFERENCES users (id) ON DELETE SET NULL,
  granted_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at TEXT,
  UNIQUE (file_id, user_id)
);
CREATE INDEX idx_file_permissions_user ON file_permissions (user_id);
CREATE INDEX idx_file_permissions_granter ON file_permissions (granted_by);

CREATE TABLE security_incidents (
  id TEXT PRIMARY KEY NOT NULL,
  title TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  status TEXT NOT NULL DEFAULT 'open'
    CHECK (status IN ('open', 'investigating', 'contained', 'resolved')),
  root_cause TEXT,
  opened_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  resolved_at TEXT,
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (status <> 'resolved' OR root_cause IS NOT NULL)
);
CREATE INDEX idx_security_incidents_open ON security_incidents (opened_at)
  WHERE status <> 'resolved';

CREATE TABLE security_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  incident_id TEXT REFERENCES security_incidents (id) ON DELETE SET NULL,
  user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
  file_id TEXT REFERENCES files (id) ON DELETE SET NULL,
  kind TEXT NOT NULL CHECK (kind IN ('access_denied', 'checksum_mismatch')),
  severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  ip_address TEXT,
  user_agent TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX idx_security_events_incident ON security_events (incident_id);
CREATE INDEX idx_security_events_user ON security_events (user_id, created_at);
CREATE INDEX idx_security_events_file ON security_events (file_id);
CREATE INDEX idx_security_events_kind ON security_events (kind, created_at);

CREATE TRIGGER file_permissions_not_for_owner BEFORE INSERT ON file_permissions
WHEN NEW.user_id = (SELECT user_id FROM files WHERE id = NEW.file_id)
BEGIN
  SELECT RAISE(ABORT, 'the owner of a file needs no permission on it');
END;

CREATE TRIGGER file_permissions_never_for_owner BEFORE UPDATE OF file_id, user_id ON file_permissions
WHEN NEW.user_id = (SELECT user_id FROM files WHERE id = NEW.file_id)
BEGIN
  SELECT RAISE(ABORT, 'the owner of a file needs no permission on it');
END;

-- Everyone who may read a file: its owner, and whoever holds a permission that has not expired.
CREATE VIEW file_readers AS
SELECT id AS file_id, user_id, 'owner' AS role FROM files
UNION ALL
SELECT file_id, user_id, role FROM file_permissions
WHERE expires_at IS NULL OR expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
