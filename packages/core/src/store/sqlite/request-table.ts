/**
 * The request log. `AUTOINCREMENT`, so that no place is ever taken again and a cursor stays right; entries go from the
 * oldest place on, so that the places without a gap are also their number. Filters read the table in parts instead of an
 * index for each field, which every request would pay for.
 */
export const requestTable: readonly string[] = [
  `CREATE TABLE requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    upstream TEXT NOT NULL,
    client TEXT,
    address TEXT,
    user_agent TEXT,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    model TEXT,
    served_model TEXT,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    attempts TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    ttft_ms INTEGER,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    cost TEXT,
    currency TEXT,
    bytes INTEGER NOT NULL,
    size INTEGER NOT NULL
  ) STRICT`,
  "INSERT INTO meta (name, value) VALUES ('request_bytes', 0)",
]
