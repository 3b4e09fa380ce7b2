-- Usage, quotas and cost (C6). Money is in micro-dollars: integers add up exactly.

CREATE TABLE storage_metrics (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  metric_date TEXT NOT NULL CHECK (metric_date = date(metric_date)),
  operation TEXT NOT NULL CHECK (operation IN ('upload', 'download', 'delete')),
  operations INTEGER NOT NULL DEFAULT 0 CHECK (operations >= 0),
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND operations),
  bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  PRIMARY KEY (user_id, metric_date, operation)
) WITHOUT ROWID;
CREATE INDEX idx_storage_metrics_date ON storage_metrics (metric_date);

CREATE TABLE pricing_tiers (
  id TEXT PRIMARY KEY NOT NULL,
  meter TEXT NOT NULL CHECK (meter IN ('storage_gb_month', 'class_a_million', 'class_b_million')),
  storage_class TEXT NOT NULL CHECK (storage_class IN ('Standard', 'InfrequentAccess')),
  free_units INTEGER NOT NULL DEFAULT 0 CHECK (free_units >= 0),
  unit_price_micro_usd INTEGER NOT NULL CHECK (unit_price_micro_usd >= 0),
  valid_from TEXT NOT NULL CHECK (valid_from = date(valid_from)),
  valid_until TEXT CHECK (valid_until IS NULL OR valid_until > valid_from),
  UNIQUE (meter, storage_class, valid_from)
);

CREATE TABLE cost_tracking (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  pricing_tier_id TEXT NOT NULL REFERENCES pricing_tiers (id),
  cost_date TEXT NOT NULL CHECK (cost_date = date(cost_date)),
  units REAL NOT NULL CHECK (units >= 0),
  cost_micro_usd INTEGER NOT NULL CHECK (cost_micro_usd >= 0),
  UNIQUE (user_id, pricing_tier_id, cost_date)
);
CREATE INDEX idx_cost_tracking_tier ON cost_tracking (pricing_tier_id);

-- used_bytes counts completed files and is kept by the triggers below, never by a service.
CREATE TABLE user_quotas (
  user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  max_bytes INTEGER NOT NULL DEFAULT 10737418240 CHECK (max_bytes >= 0),
  used_bytes INTEGER NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE TABLE billing_records (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
  period_start TEXT NOT NULL CHECK (period_start = date(period_start)),
  period_end TEXT NOT NULL CHECK (period_end = date(period_end)),
  total_micro_usd INTEGER NOT NULL CHECK (total_micro_usd >= 0),
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'issued', 'paid', 'void')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  CHECK (period_end > period_start),
  UNIQUE (user_id, period_start)
);

INSERT INTO pricing_tiers (id, meter, storage_class, free_units, unit_price_micro_usd, valid_from) VALUES
  ('r2-storage', 'storage_gb_month', 'Standard', 10, 15000, '2024-01-01'),
  ('r2-class-a', 'class_a_million', 'Standard', 1, 4500000, '2024-01-01'),
  ('r2-class-b', 'class_b_million', 'Standard', 10, 360000, '2024-01-01'),
  ('r2-ia-storage', 'storage_gb_month', 'InfrequentAccess', 0, 10000, '2024-01-01'),
  ('r2-ia-class-a', 'class_a_million', 'InfrequentAccess', 0, 9000000, '2024-01-01'),
  ('r2-ia-class-b', 'class_b_million', 'InfrequentAccess', 0, 900000, '2024-01-01');

-- Users and files that were there before this migration count as well.
INSERT INTO user_quotas (user_id, used_bytes)
SELECT users.id, COALESCE(SUM(files.size_bytes), 0)
FROM users LEFT JOIN files ON files.user_id = users.id AND files.status = 'completed'
GROUP BY users.id;

CREATE TRIGGER users_get_quota AFTER INSERT ON users
BEGIN
  INSERT INTO user_quotas (user_id) VALUES (NEW.id);
END;

CREATE TRIGGER files_inserted_count_in_quota AFTER INSERT ON files
WHEN NEW.status = 'completed'
BEGIN
  UPDATE user_quotas SET used_bytes = used_bytes + NEW.size_bytes WHERE user_id = NEW.user_id;
END;

-- Covers completion, deletion and a changed size. MAX keeps used_bytes inside its CHECK even
-- where an operator corrected it by hand.
CREATE TRIGGER files_updated_count_in_quota AFTER UPDATE OF status, size_bytes ON files
WHEN OLD.status = 'completed' OR NEW.status = 'completed'
BEGIN
  UPDATE user_quotas
  SET used_bytes = MAX(0, used_bytes
    - CASE WHEN OLD.status = 'completed' THEN OLD.size_bytes ELSE 0 END
    + CASE WHEN NEW.status = 'completed' THEN NEW.size_bytes ELSE 0 END)
  WHERE user_id = NEW.user_id;
END;

CREATE TRIGGER files_removed_count_in_quota AFTER DELETE ON files
WHEN OLD.status = 'completed'
BEGIN
  UPDATE user_quotas SET used_bytes = MAX(0, used_bytes - OLD.size_bytes)
  WHERE user_id = OLD.user_id;
END;

CREATE TRIGGER user_quotas_updated_at AFTER UPDATE ON user_quotas
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE user_quotas SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  WHERE user_id = NEW.user_id;
END;

CREATE TRIGGER file_access_logs_feed_metrics AFTER INSERT ON file_access_logs
WHEN NEW.user_id IS NOT NULL
  AND NEW.action IN ('upload', 'multipart_part', 'download', 'delete')
BEGIN
  INSERT INTO storage_metrics (user_id, metric_date, operation, operations, failures, bytes)
  VALUES (
    NEW.user_id,
    date(NEW.created_at),
    CASE NEW.action WHEN 'multipart_part' THEN 'upload' ELSE NEW.action END,
    1,
    1 - NEW.succeeded,
    NEW.bytes_transferred
  )
  ON CONFLICT (user_id, metric_date, operation) DO UPDATE SET
    operations = operations + 1,
    failures = failures + excluded.failures,
    bytes = bytes + excluded.bytes;
END;

CREATE VIEW user_storage_summary AS
SELECT
  users.id AS user_id,
  users.username,
  user_quotas.used_bytes,
  user_quotas.max_bytes,
  (SELECT COUNT(*) FROM files WHERE files.user_id = users.id AND files.status = 'completed')
    AS completed_files
FROM users JOIN user_quotas ON user_quotas.user_id = users.id;
