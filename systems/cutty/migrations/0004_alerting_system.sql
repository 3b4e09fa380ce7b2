-- Rules, the notifications they raise and how those escalate (C8).

CREATE TABLE alert_rules (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  metric TEXT NOT NULL CHECK (metric IN ('quota_used_percent', 'access_denied')),
  threshold REAL NOT NULL CHECK (threshold >= 0),
  severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX idx_alert_rules_metric ON alert_rules (metric) WHERE is_enabled = 1;

CREATE TABLE alert_notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule_id TEXT NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  observed_value REAL NOT NULL,
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'resolved')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  resolved_at TEXT,
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX idx_alert_notifications_rule ON alert_notifications (rule_id, created_at);
-- One alert of a rule stays open per user: a value that keeps breaching does not repeat it.
CREATE UNIQUE INDEX idx_alert_notifications_open ON alert_notifications (rule_id, user_id)
  WHERE status <> 'resolved';
CREATE INDEX idx_alert_notifications_user ON alert_notifications (user_id, created_at);

CREATE TABLE alert_escalations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  notification_id INTEGER NOT NULL REFERENCES alert_notifications (id) ON DELETE CASCADE,
  level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
  escalated_to TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  UNIQUE (notification_id, level)
);

INSERT INTO alert_rules (id, name, metric, threshold, severity) VALUES
  ('quota-80', 'Four fifths of the quota used', 'quota_used_percent', 80, 'medium'),
  ('quota-95', 'Quota nearly used up', 'quota_used_percent', 95, 'high'),
  ('access-denied', 'Access to another user''s file was tried', 'access_denied', 1, 'high');

CREATE TRIGGER alert_rules_updated_at AFTER UPDATE ON alert_rules
WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE alert_rules SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = NEW.id;
END;

CREATE TRIGGER user_quotas_raise_alerts AFTER UPDATE OF used_bytes, max_bytes ON user_quotas
WHEN NEW.max_bytes > 0
BEGIN
  INSERT INTO alert_notifications (rule_id, user_id, observed_value)
  SELECT id, NEW.user_id, 100.0 * NEW.used_bytes / NEW.max_bytes
  FROM alert_rules
  WHERE metric = 'quota_used_percent' AND is_enabled = 1
    AND 100.0 * NEW.used_bytes / NEW.max_bytes >= threshold
  ON CONFLICT DO NOTHING;

  UPDATE alert_notifications
  SET status = 'resolved', resolved_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  WHERE user_id = NEW.user_id AND status <> 'resolved' AND rule_id IN (
    SELECT id FROM alert_rules
    WHERE metric = 'quota_used_percent'
      AND 100.0 * NEW.used_bytes / NEW.max_bytes < threshold
  );
END;

-- The observed value is the number of refusals in the last hour.
CREATE TRIGGER security_events_raise_alerts AFTER INSERT ON security_events
WHEN NEW.kind = 'access_denied' AND NEW.user_id IS NOT NULL
BEGIN
  INSERT INTO alert_notifications (rule_id, user_id, observed_value)
  SELECT alert_rules.id, NEW.user_id, recent.refusals
  FROM alert_rules, (
    SELECT COUNT(*) AS refusals FROM security_events
    WHERE user_id = NEW.user_id AND kind = 'access_denied'
      AND created_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hour')
  ) AS recent
  WHERE metric = 'access_denied' AND is_enabled = 1 AND recent.refusals >= threshold
  ON CONFLICT DO NOTHING;
END;

CREATE VIEW open_alerts AS
SELECT
  alert_notifications.id,
  alert_rules.name,
  alert_rules.severity,
  alert_notifications.user_id,
  alert_notifications.observed_value,
  alert_rules.threshold,
  alert_notifications.status,
  alert_notifications.created_at,
  (SELECT MAX(level) FROM alert_escalations
   WHERE alert_escalations.notification_id = alert_notifications.id) AS escalation_level
FROM alert_notifications JOIN alert_rules ON alert_rules.id = alert_notifications.rule_id
WHERE alert_notifications.status <> 'resolved';
