import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatMoney, parseMoney } from '../../money/decimal.js'
import type { OutcomeKind } from '../../outcome/outcome.js'
import {
  bytesPerMegabyte,
  msPerDay,
  placeOfRequest,
  type RequestBatch,
  type RequestPage,
  type RequestQuery,
  type StoredRequest,
  sizeOfRequest,
} from '../stored-request.js'
import { inParts } from './in-parts.js'
import { conditionsOf, type SqlCondition } from './request-conditions.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

/** The fields of an entry, in their order in its JSON array. */
const columns = [
  ...['id', 'at', 'upstream', 'client', 'address', 'user_agent', 'method', 'path', 'model', 'served_model'],
  ...[
    'status',
    'outcome',
    'code',
    'attempts',
    'duration_ms',
    'ttft_ms',
    'prompt_tokens',
    'completion_tokens',
  ],
  ...['cost', 'currency', 'bytes', 'size'],
] as const
const sizeAt = columns.indexOf('size')

/** Takes a JSON array of rows. Columns of their own for all fields would take three times as long to write. */
const add = `INSERT INTO requests (at, size, entry)
  SELECT value ->> 1, value ->> ${sizeAt}, value FROM json_each(?) WHERE true ORDER BY key`

/** The table as if each field had a column. */
const asColumns = `(SELECT seq, ${columns.map((name, at) => `entry ->> ${at} AS ${name}`).join(', ')} FROM requests)`

const readEnds = `SELECT (SELECT seq FROM requests ORDER BY seq LIMIT 1) AS first,
  (SELECT seq FROM requests ORDER BY seq DESC LIMIT 1) AS last,
  (SELECT value FROM meta WHERE name = 'request_bytes') AS bytes`

const writeBytes = "UPDATE meta SET value = ? WHERE name = 'request_bytes'"

/** Takes how many: the oldest entries. */
const readOldest = `SELECT CAST(json_group_array(json_array(seq, at, size)) AS BLOB) AS rows
  FROM (SELECT seq, at, size FROM requests ORDER BY seq LIMIT ?)`

/** Takes the place up to which entries go. */
const remove = 'DELETE FROM requests WHERE seq <= ?'

/** Entries that one batch makes room of at most, beside as many as it has: a smaller bound is met bit by bit. */
const extraRemoved = 2_000
/** Places that one statement looks through, before others have a turn of the event loop. */
const windowSize = 4_000

/** Adds entries and forgets the oldest beyond what is kept. */
export async function addRequests(session: SqlSession, { entries, keep, now }: RequestBatch): Promise<void> {
  const [ends] = await session.rows(readEnds)
  let bytes = Number(ends?.bytes ?? 0)
  await inParts(entries, async (part) => {
    const rows = part.map((request) => [...rowOf(request), sizeOfRequest(request)])
    for (const row of rows) bytes += Number(row.at(-1))
    await session.write(add, [encodeRows(rows)])
  })
  const first = ends?.first == null ? null : Number(ends.first)
  const last = Number(ends?.last ?? 0) + entries.length
  const count = first === null ? entries.length : last - first + 1
  const limits = {
    rows: keep.rows,
    bytes: keep.megabytes * bytesPerMegabyte,
    since: now - keep.days * msPerDay,
  }
  const freed = await forget(session, { count, bytes, most: entries.length + extraRemoved }, limits)
  await session.write(writeBytes, [bytes - freed])
}

/** Removes the oldest entries until what is left is within the limits. Resolves with the bytes of those that went. */
async function forget(
  session: SqlSession,
  held: { readonly count: number; readonly bytes: number; readonly most: number },
  limits: { readonly rows: number; readonly bytes: number; readonly since: number },
): Promise<number> {
  const [found] = await session.rows(readOldest, [held.most])
  let freed = 0
  let gone = 0
  let upTo = 0
  for (const [seq, at, size] of decodeRows(found?.rows) as [number, number, number][]) {
    const isWithin =
      held.count - gone <= limits.rows && held.bytes - freed <= limits.bytes && at >= limits.since
    if (isWithin) break
    freed += size
    gone++
    upTo = seq
  }
  if (gone > 0) await session.write(remove, [upTo])
  return freed
}

export async function readRequests(session: SqlSession, query: RequestQuery): Promise<RequestPage> {
  const place = placeOfRequest(query.cursor)
  const [ends] = await session.rows(readEnds)
  if (ends?.first == null) return { items: [], total: 0, next: null }
  const first = Number(ends.first)
  const last = Number(ends.last)
  const isNewest = (query.order ?? 'newest') === 'newest'
  const conditions = conditionsOf(query)
  const found: RequestRow[] = []
  // One more than was asked for tells whether there is a next page.
  const wanted = query.limit + 1
  let total = conditions.length === 0 ? last - first + 1 : 0
  for (const window of windowsOf(first, last, isNewest)) {
    const missing = wanted - found.length
    if (conditions.length === 0 && missing === 0) break
    if (conditions.length > 0) total += await countIn(session, window, conditions)
    if (missing > 0) {
      const ahead = place === null ? [] : [{ sql: isNewest ? 'seq < ?' : 'seq > ?', args: [place] }]
      found.push(...(await rowsIn(session, window, [...ahead, ...conditions], isNewest, missing)))
    }
    await nextTurn()
  }
  const page = found.slice(0, query.limit)
  const next = found.length > query.limit ? String(page.at(-1)?.[0]) : null
  return { items: page.map(requestOf), total, next }
}

interface Window {
  readonly from: number
  readonly to: number
}

function* windowsOf(first: number, last: number, isNewest: boolean): Generator<Window> {
  if (isNewest)
    for (let to = last; to >= first; to -= windowSize)
      yield { from: Math.max(first, to - windowSize + 1), to }
  else
    for (let from = first; from <= last; from += windowSize)
      yield { from, to: Math.min(last, from + windowSize - 1) }
}

async function countIn(
  session: SqlSession,
  { from, to }: Window,
  conditions: readonly SqlCondition[],
): Promise<number> {
  const where = ['seq BETWEEN ? AND ?', ...conditions.map(({ sql }) => sql)].join(' AND ')
  const args = [from, to, ...conditions.flatMap(({ args }) => args)]
  const [row] = await session.rows(`SELECT count(*) AS count FROM ${asColumns} WHERE ${where}`, args)
  return Number(row?.count)
}

async function rowsIn(
  session: SqlSession,
  { from, to }: Window,
  conditions: readonly SqlCondition[],
  isNewest: boolean,
  limit: number,
): Promise<RequestRow[]> {
  const where = ['seq BETWEEN ? AND ?', ...conditions.map(({ sql }) => sql)].join(' AND ')
  const args = [from, to, ...conditions.flatMap(({ args }) => args), limit]
  const order = `ORDER BY seq ${isNewest ? 'DESC' : 'ASC'} LIMIT ?`
  const sql = `SELECT CAST(json_group_array(json_array(seq, ${columns.join(', ')})) AS BLOB) AS rows
    FROM (SELECT * FROM ${asColumns} WHERE ${where} ${order})`
  const [row] = await session.rows(sql, args)
  return decodeRows(row?.rows) as RequestRow[]
}

type AttemptRow = readonly [
  key: string,
  account: string,
  outcome: OutcomeKind,
  status: number | null,
  durationMs: number,
]

type RequestRow = readonly [
  seq: number,
  id: string,
  at: number,
  upstream: string,
  client: string | null,
  address: string | null,
  userAgent: string | null,
  method: string,
  path: string,
  model: string | null,
  servedModel: string | null,
  status: number,
  outcome: OutcomeKind,
  code: string | null,
  attempts: string,
  durationMs: number,
  ttftMs: number | null,
  promptTokens: number | null,
  completionTokens: number | null,
  cost: string | null,
  currency: string | null,
  bytes: number,
]

function rowOf(request: StoredRequest): unknown[] {
  const { cost } = request
  const attempts = request.attempts.map(
    ({ key, account, outcome, status, durationMs }): AttemptRow => [
      key,
      account,
      outcome,
      status,
      durationMs,
    ],
  )
  return [
    request.id,
    request.at,
    request.upstream,
    request.client,
    request.address,
    request.userAgent,
    request.method,
    request.path,
    request.model,
    request.servedModel,
    request.status,
    request.outcome,
    request.code,
    encodeRows(attempts),
    Math.round(request.durationMs),
    request.ttftMs === null ? null : Math.round(request.ttftMs),
    request.promptTokens,
    request.completionTokens,
    cost === null ? null : formatMoney(cost.amount),
    cost === null ? null : cost.currency,
    request.bytes,
  ]
}

function requestOf(row: RequestRow): StoredRequest {
  const [, id, at, upstream, client, address, userAgent, method, path, model, servedModel, status] = row
  const [outcome, code, attempts, durationMs, ttftMs, promptTokens, completionTokens] = row.slice(12) as [
    OutcomeKind,
    string | null,
    string,
    number,
    number | null,
    number | null,
    number | null,
  ]
  const [cost, currency, bytes] = row.slice(19) as [string | null, string | null, number]
  return {
    ...{
      id,
      at,
      upstream,
      client,
      address,
      userAgent,
      method,
      path,
      model,
      servedModel,
      status,
      outcome,
      code,
    },
    attempts: (JSON.parse(attempts) as AttemptRow[]).map(([key, account, outcome, status, durationMs]) => ({
      key,
      account,
      outcome,
      status,
      durationMs,
    })),
    ...{ durationMs, ttftMs, promptTokens, completionTokens },
    cost: cost === null || currency === null ? null : { amount: parseMoney(cost), currency },
    bytes,
  }
}
