import { isMissing, refusal } from './store-error.js'

/** Loads the optional peer dependency that only this store needs, so that a pool in memory works without its 20 MB. */
export async function importLibsql(path: string): Promise<typeof import('@libsql/client/sqlite3')> {
  try {
    return await import('@libsql/client/sqlite3')
  } catch (error) {
    if (!isMissing(error, '@libsql/client')) throw error
    const remedy = 'the package @libsql/client is not installed; run npm install @libsql/client'
    throw refusal(path, remedy, error)
  }
}
