import { readSealRecord } from './seal-rows.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteFileOptions } from './sqlite-store-options.js'
import { refusal } from './store-error.js'

/**
 * Names the secret of a store, after it has opened the store with it. Rejects like `sqliteStore`, and when the keys are
 * not sealed yet. Changes nothing.
 */
export async function secretFingerprint(options: Omit<SqliteFileOptions, 'readOnly'>): Promise<string> {
  const settings = checkedOptions({ ...options, readOnly: true })
  const connection = await SqliteConnection.open(settings)
  try {
    return await connection.transaction('read', async (session) => {
      const record = connection.isSealed ? await readSealRecord(session) : undefined
      if (record !== undefined) return record.name
      const reason = 'an earlier version wrote it, and its keys are not sealed yet'
      throw refusal(settings.path, `${reason}; any command that writes to it seals them`)
    })
  } finally {
    await connection.close()
  }
}
