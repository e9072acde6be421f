import { firstTables } from './steps/first-tables.js'
import { historyTable } from './steps/history-table.js'
import { ownersAndMoreState } from './steps/owners-and-more-state.js'
import { requestTable } from './steps/request-table.js'
import { sealedKeys } from './steps/sealed-keys.js'
import type { Step } from './steps/step.js'
import { upstreamsAndRecords } from './steps/upstreams-and-records.js'
import { usageAndBalances } from './steps/usage-and-balances.js'

/** Marks the file as ours (`SFPL`), so that another program's database is never written to. */
export const applicationId = 0x5346504c

/**
 * The statements from each version to the next, beginning with an empty file: old files and new ones go the same way.
 * Steps that were released are never changed; a new version is a new step, in a file of its own. A step that only adds
 * tables is all there is to do; one that changes a table also needs its earlier form in `old-forms.ts`.
 */
export const schemaSteps: readonly Step[] = [
  firstTables,
  ownersAndMoreState,
  usageAndBalances,
  sealedKeys,
  upstreamsAndRecords,
  historyTable,
  requestTable,
]

/** The schema version of this program. */
export const schemaVersion: number = schemaSteps.length
/** The first version that seals secrets. */
export const sealedVersion: number = schemaSteps.indexOf(sealedKeys) + 1
/** The first version that has its number in a table, too: libsql servers, D1 and Durable Objects have no `PRAGMA`. */
export const versionInTable: number = schemaSteps.indexOf(upstreamsAndRecords) + 1

/** Takes the write lock and changes nothing: no other process can write until the transaction is over. */
export const takeWriteLock = 'DELETE FROM meta WHERE 0'
/** Takes the write lock of a file that has no tables yet. */
export const markAsOurs: string = `PRAGMA application_id = ${applicationId}`

export const readRevision = "SELECT value FROM meta WHERE name = 'revision'"
/** Gives the revision as it is afterwards. */
export const raiseRevision = "UPDATE meta SET value = value + 1 WHERE name = 'revision' RETURNING value"
