import type { Step } from './step.js'

/**
 * Keys sealed, and what tells which secret sealed them. The column `secret` goes, so that a process of a version before,
 * which may have the file open at this moment, cannot write a key in clear: its statement fails.
 */
export const sealedKeys: Step = [
  "ALTER TABLE keys ADD COLUMN sealed TEXT NOT NULL DEFAULT ''",
  "ALTER TABLE keys ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''",
  `CREATE TABLE seal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    salt TEXT NOT NULL,
    derivation TEXT NOT NULL,
    name TEXT NOT NULL,
    constant TEXT NOT NULL,
    sum TEXT NOT NULL
  ) STRICT`,
  (session, sealing, isNew) => sealing.begin(session, isNew),
  'ALTER TABLE keys DROP COLUMN secret',
  'CREATE INDEX keys_by_fingerprint ON keys (fingerprint)',
]
