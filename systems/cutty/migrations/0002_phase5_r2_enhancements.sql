-- Multipart uploads, moves between storages, the access log and background work (C5).

ALTER TABLE files ADD COLUMN storage_class TEXT NOT NULL DEFAULT 'Standard'
  CHECK (storage_class IN ('Standard', 'InfrequentAccess'));
-- 'sha256' is the digest of the content; 'sha256-parts' that of the parts' digests, with '-<parts>'.
ALTER TABLE files ADD COLUMN checksum_type TEXT
  CHECK (checksum_type IN ('sha256', 'sha256-parts'));

CREATE TABLE multipart_uploads (
  id TEXT PRIMARY KEY NOT NULL,
  file_id TEXT NOT NULL UNIQUE REFERENCES files (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  r2_upload_id TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'completing', 'completed', 'aborted', 'expired')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at TEXT NOT NULL,
  finished_at TEXT,
  CHECK ((status IN ('active', 'completing')) = (finished_at IS NULL))
);
CREATE INDEX idx_multipart_uploads_user ON multipart_uploads (user_id, created_at);
CREATE INDEX idx_multipart_uploads_expiry ON multipart_uploads (expires_at)
  WHERE status = 'active';

-- A part has its size before its content is stored, and etag and digest after.
CREATE TABLE multipart_upload_parts (
  upload_id TEXT NOT NULL REFERENCES multipart_uploads (id) ON DELETE CASCADE,
  part_number INTEGER NOT NULL CHECK (part_number BETWEEN 1 AND 10000),
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  etag TEXT,
  sha256 TEXT CHECK (length(sha256) = 64),
  uploaded_at TEXT,
  PRIMARY KEY (upload_id, part_number),
  CHECK ((etag IS NULL) = (sha256 IS NULL) AND (etag IS NULL) = (uploaded_at IS NULL))
) WITHOUT ROWID;

CREATE TABLE file_migrations (
  id TEXT PRIMARY KEY NOT NULL,
  file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  target_r2_key TEXT NOT NULL,
  source_checksum TEXT,
  target_checksum TEXT,
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'running', 'verified', 'failed')),
  error TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  finished_at TEXT,
  CHECK (status <> 'verified' OR (source_checksum IS NOT NULL AND source_checksum = target_checksum))
);
CREATE INDEX idx_file_migrations_file ON file_migrations (file_id);
CREATE INDEX idx_file_migrations_status ON file_migrations (status, created_at);

-- file_id is empty for what concerns no single file, such as listing.
CREATE TABLE file_access_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file_id TEXT REFERENCES files (id) ON DELETE SET NULL,
  user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
  action TEXT NOT NULL CHECK (action IN (
    'upload', 'download', 'inspect', 'list', 'delete',
    'multipart_create', 'multipart_part', 'multipart_complete', 'multipart_abort'
  )),
  succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1)),
  status_code INTEGER NOT NULL CHECK (status_code BETWEEN 100 AND 599),
  bytes_transferred INTEGER NOT NULL DEFAULT 0 CHECK (bytes_transferred >= 0),
  duration_ms INTEGER NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
  ip_address TEXT,
  user_agent TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX idx_file_access_logs_file ON file_access_logs (file_id, created_at);
CREATE INDEX idx_file_access_logs_user ON file_access_logs (user_id, created_at);
CREATE INDEX idx_file_access_logs_failures ON file_access_logs (created_at) WHERE succeeded = 0;

CREATE TABLE file_processing_queue (
  id TEXT PRIMARY KEY NOT NULL,
  file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  operation TEXT NOT NULL CHECK (operation IN ('parse', 'preview', 'verify')),
  priority INTEGER NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 9),
  parameters TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parameters)),
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'running', 'completed', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  max_attempts INTEGER NOT NULL DEFAULT 3 CHECK (max_attempts > 0),
  error TEXT,
  scheduled_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  finished_at TEXT,
  CHECK (attempts <= max_attempts)
);
CREATE INDEX idx_file_processing_queue_file ON file_processing_queue (file_id);
CREATE INDEX idx_file_processing_queue_next ON file_processing_queue (priority, scheduled_at)
  WHERE status = 'pending';

CREATE TRIGGER multipart_uploads_updated_at AFTER UPDATE ON multipart_uploads
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE multipart_uploads SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  WHERE id = NEW.id;
END;
