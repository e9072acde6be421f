import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { InValue, ResultSet, Transaction } from '@libsql/client/sqlite3'
import { clientOf } from './old-files.js'

/*
 * A libsql server for tests: it speaks the protocol of sqld (Hrana 2 over HTTP) to the real client, over real sockets,
 * and runs the statements on real files, one for each first part of a path.
 */

interface HranaValue {
  readonly type: 'null' | 'integer' | 'float' | 'text' | 'blob'
  readonly value?: string | number
  readonly base64?: string
}

interface HranaStatement {
  readonly sql?: string
  readonly sql_id?: number
  readonly args?: readonly HranaValue[]
}

interface Condition {
  readonly type: 'ok' | 'error' | 'not' | 'and' | 'or' | 'is_autocommit'
  readonly step?: number
  readonly cond?: Condition
  readonly conds?: readonly Condition[]
}

interface StreamRequest {
  readonly type: 'close' | 'execute' | 'batch' | 'sequence' | 'store_sql' | 'close_sql' | 'get_autocommit'
  readonly stmt?: HranaStatement
  readonly batch?: {
    readonly steps: readonly { readonly stmt: HranaStatement; readonly condition?: Condition }[]
  }
  readonly sql?: string
  readonly sql_id?: number
}

/** A connection, which a client may hold over several requests. */
class Stream {
  readonly #path: string
  #client
  readonly #texts = new Map<number, string>()
  #transaction: Transaction | null = null

  constructor(path: string) {
    this.#path = path
    this.#client = clientOf(path)
  }

  async answer(request: StreamRequest): Promise<unknown> {
    const { type, stmt, batch, sql, sql_id: id = 0 } = request
    if (type === 'execute' && stmt !== undefined) return { type, result: await this.#run(stmt) }
    if (type === 'batch' && batch !== undefined) return { type, result: await this.#batch(batch.steps) }
    if (type === 'sequence') await this.#client.executeMultiple(sql ?? this.#texts.get(id) ?? '')
    if (type === 'store_sql') this.#texts.set(id, sql ?? '')
    if (type === 'close_sql') this.#texts.delete(id)
    if (type === 'close') this.close()
    return { type, ...(type === 'get_autocommit' && { is_autocommit: this.#transaction === null }) }
  }

  close(): void {
    this.#transaction?.close()
    this.#transaction = null
    this.#client.close()
  }

  async #batch(steps: NonNullable<StreamRequest['batch']>['steps']) {
    const results: unknown[] = []
    const errors: unknown[] = []
    for (const { stmt, condition } of steps) {
      const holds = condition === undefined || this.#holds(condition, results, errors)
      const [result, error] = holds ? await this.#try(stmt) : [null, null]
      results.push(result)
      errors.push(error)
    }
    return { step_results: results, step_errors: errors }
  }

  #holds(condition: Condition, results: readonly unknown[], errors: readonly unknown[]): boolean {
    const { type, step = 0, cond, conds = [] } = condition
    if (type === 'ok') return results[step] !== null && results[step] !== undefined
    if (type === 'error') return errors[step] !== null && errors[step] !== undefined
    if (type === 'not' && cond !== undefined) return !this.#holds(cond, results, errors)
    if (type === 'is_autocommit') return this.#transaction === null
    const held = conds.map((each) => this.#holds(each, results, errors))
    return type === 'and' ? held.every(Boolean) : held.some(Boolean)
  }

  async #try(statement: HranaStatement): Promise<[result: unknown, error: unknown]> {
    try {
      return [await this.#run(statement), null]
    } catch (error) {
      return [null, errorOf(error)]
    }
  }

  async #run({ sql: text, sql_id: id = 0, args = [] }: HranaStatement) {
    const sql = text ?? this.#texts.get(id) ?? ''
    const begin = /^BEGIN(?: (IMMEDIATE|TRANSACTION READONLY|DEFERRED))?/.exec(sql)
    if (begin !== null) {
      try {
        this.#transaction = await this.#client.transaction(begin[1] === 'IMMEDIATE' ? 'write' : 'read')
      } catch (error) {
        // A connection whose beginning was refused stays half in a transaction.
        this.#client = clientOf(this.#path)
        throw error
      }
      return resultOf(undefined)
    }
    if (sql === 'COMMIT' || sql === 'ROLLBACK') {
      await (sql === 'COMMIT' ? this.#transaction?.commit() : this.#transaction?.rollback())
      this.#transaction = null
      return resultOf(undefined)
    }
    return resultOf(await (this.#transaction ?? this.#client).execute({ sql, args: args.map(fromHrana) }))
  }
}

function fromHrana({ type, value = '', base64 = '' }: HranaValue): InValue {
  if (type === 'null') return null
  if (type === 'blob') return Buffer.from(base64, 'base64')
  return type === 'text' ? value : Number(value)
}

function toHrana(value: unknown): HranaValue {
  if (value === null || value === undefined) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'number' && !Number.isInteger(value)) return { type: 'float', value }
  if (typeof value === 'number' || typeof value === 'bigint') return { type: 'integer', value: String(value) }
  return { type: 'blob', base64: Buffer.from(value as ArrayBuffer).toString('base64') }
}

const resultOf = (result: ResultSet | undefined) => ({
  cols: (result?.columns ?? []).map((name) => ({ name, decltype: null })),
  rows: (result?.rows ?? []).map((row) => Array.from({ length: row.length }, (_, at) => toHrana(row[at]))),
  affected_row_count: result?.rowsAffected ?? 0,
  last_insert_rowid: null,
})

const errorOf = (error: unknown) => {
  const { message, code } = error as { readonly message: string; readonly code?: string }
  return { message, code: code ?? null }
}

export interface HranaServer {
  /** The address of a database, without a token. */
  address(place: string): string
  /** Ends the server as a crash would: every connection is cut. */
  close(): Promise<void>
}

/** Starts the server. Its databases are files of the folder, so another one can go on with them. */
export async function startHranaServer(
  folder: string,
  { token, port = 0 }: { readonly token: string; readonly port?: number },
): Promise<HranaServer> {
  mkdirSync(folder, { recursive: true })
  const streams = new Map<string, Stream>()
  let batonCount = 0
  const pipeline = async (path: string, body: { baton?: string; requests: readonly StreamRequest[] }) => {
    const stream = streams.get(body.baton ?? '') ?? new Stream(path)
    const results: unknown[] = []
    for (const request of body.requests) {
      const answer = await stream.answer(request).then(
        (response) => ({ type: 'ok', response }),
        (error: unknown) => ({ type: 'error', error: errorOf(error) }),
      )
      results.push(answer)
    }
    streams.delete(body.baton ?? '')
    if (body.requests.at(-1)?.type === 'close') return { baton: null, base_url: null, results }
    const baton = `baton-${batonCount++}`
    streams.set(baton, stream)
    return { baton, base_url: null, results }
  }
  const server = createServer((request, response) => {
    const [, place = '', version = '', what = ''] = (request.url ?? '').split('/')
    if (request.headers.authorization !== `Bearer ${token}`) reply(response, 401, { error: 'who are you?' })
    else if (version !== 'v2') reply(response, 404, { error: 'no such version' })
    else if (what !== 'pipeline') reply(response, 200, {})
    else {
      textOf(request)
        .then((text) => pipeline(join(folder, `${place}.db`), JSON.parse(text)))
        .then((answer) => reply(response, 200, answer))
        .catch((error: unknown) => reply(response, 500, errorOf(error)))
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: found } = server.address() as AddressInfo
  return { address: (place) => `http://127.0.0.1:${found}/${place}/`, close: () => end(server, streams) }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

async function end(server: Server, streams: ReadonlyMap<string, Stream>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
  for (const stream of streams.values()) stream.close()
}
