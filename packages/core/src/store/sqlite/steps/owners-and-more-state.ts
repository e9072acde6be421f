import type { Step } from './step.js'

/**
 * More state, and owners of resources. New columns have defaults, so that a process of the version before, which may
 * have the file open at this moment, goes on writing its own. Triggers count the owners, because counting a million
 * rows takes longer than writing one.
 */
export const ownersAndMoreState: Step = [
  'ALTER TABLE key_states ADD COLUMN failures INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE key_states ADD COLUMN upstream_account TEXT',
  "ALTER TABLE account_states ADD COLUMN quotas TEXT NOT NULL DEFAULT '[]'",
  `CREATE TABLE owners (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX owners_by_age ON owners (at)',
  "CREATE INDEX videos_by_age ON owners (at) WHERE kind = 'video'",
  "INSERT INTO meta (name, value) VALUES ('owners', 0)",
  `CREATE TRIGGER owner_added AFTER INSERT ON owners BEGIN
    UPDATE meta SET value = value + 1 WHERE name = 'owners';
  END`,
  `CREATE TRIGGER owner_gone AFTER DELETE ON owners BEGIN
    UPDATE meta SET value = value - 1 WHERE name = 'owners';
  END`,
]
