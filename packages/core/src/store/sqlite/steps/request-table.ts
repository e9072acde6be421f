import type { Step } from './step.js'

/**
 * The request log. `AUTOINCREMENT`, so that no place is ever taken again and a cursor stays right; entries go from the
 * oldest place on, so that the places without a gap are also their number. Filters read the table in parts instead of an
 * index, or a column, for each field, which every request would pay for: an entry is one text.
 */
export const requestTable: Step = [
  `CREATE TABLE requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    entry TEXT NOT NULL
  ) STRICT`,
  "INSERT INTO meta (name, value) VALUES ('request_bytes', 0)",
]
