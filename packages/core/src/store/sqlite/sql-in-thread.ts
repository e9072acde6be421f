import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { SqlRow, SqlValue } from './sql-port.js'

/** Runs on the thread's side: CommonJS, because a thread of text has no place from which packages are found. */
const thread = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { createClient } = require(workerData.driver)
  const client = createClient({ url: workerData.url, concurrency: 1 })
  client.execute(workerData.statement).then(
    ({ rows }) => parentPort.postMessage({ rows: rows.map((row) => ({ ...row })) }),
    ({ code, message }) => parentPort.postMessage({ failure: { code, message } }),
  ).finally(() => client.close())
`

type Reply =
  | { readonly rows: readonly SqlRow[] }
  | { readonly failure: { readonly code: unknown; readonly message: string } }

/**
 * Runs a statement on a connection of its own in a thread: what takes SQLite seconds (copying or checking a whole file)
 * would keep the process from everything else meanwhile.
 */
export async function sqlInThread(
  path: string,
  sql: string,
  args: readonly SqlValue[] = [],
): Promise<readonly SqlRow[]> {
  const driver = createRequire(import.meta.url).resolve('@libsql/client/sqlite3')
  const url = `file:${encodeURIComponent(path)}`
  const worker = new Worker(thread, { eval: true, workerData: { driver, url, statement: { sql, args } } })
  const reply = await new Promise<Reply>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended without an answer')))
  })
  await worker.terminate()
  if ('rows' in reply) return reply.rows
  throw Object.assign(new Error(reply.failure.message), { code: reply.failure.code })
}
