import type { Step } from './step.js'

/**
 * What later parts of the program keep, without a table for each: records by kind and id, and journals, which only
 * grow and lose their oldest entries. `AUTOINCREMENT`, so that no place in a list is ever taken again: a reader that goes
 * on from a place misses nothing. Triggers count the entries of each journal, because counting many rows takes longer
 * than writing one.
 */
export const records: Step = [
  `CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    sealed TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    expires_at INTEGER,
    UNIQUE (kind, id)
  ) STRICT`,
  'CREATE INDEX records_by_kind ON records (kind, seq)',
  'CREATE INDEX records_by_end ON records (expires_at) WHERE expires_at IS NOT NULL',
  "INSERT INTO meta (name, value) VALUES ('records', 0)",
  `CREATE TABLE journals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    journal TEXT NOT NULL,
    at INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX journals_by_name ON journals (journal, seq)',
  'CREATE INDEX journals_by_age ON journals (journal, at)',
  `CREATE TRIGGER journal_entry_added AFTER INSERT ON journals BEGIN
    INSERT INTO meta (name, value) VALUES ('journal ' || new.journal, 1)
      ON CONFLICT (name) DO UPDATE SET value = value + 1;
  END`,
  `CREATE TRIGGER journal_entry_gone AFTER DELETE ON journals BEGIN
    UPDATE meta SET value = value - 1 WHERE name = 'journal ' || old.journal;
  END`,
]
