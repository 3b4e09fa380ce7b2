-- Attempts to log in that count against their limit: one row per e-mail address, known or not, until
-- its window ends. A successful login removes it.

CREATE TABLE login_attempts (
  email TEXT PRIMARY KEY NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts > 0),
  window_ends_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idx_login_attempts_window ON login_attempts (window_ends_at);
