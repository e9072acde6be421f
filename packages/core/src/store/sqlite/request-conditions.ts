import type { RequestFilter } from '../stored-request.js'

/** A part of a `WHERE`, and what its question marks stand for. */
export interface SqlCondition {
  readonly sql: string
  readonly args: readonly (string | number)[]
}

/** Where `q` is looked for. SQLite makes lower case of the letters of ASCII only. */
const searched = [
  'id',
  'model',
  'served_model',
  'client',
  'address',
  'user_agent',
  'path',
  'code',
  'attempts',
]
  .map((column) => `coalesce(${column}, '')`)
  .join(' || char(10) || ')

/** The conditions that a filter puts on the table of requests. */
export function conditionsOf(filter: RequestFilter): SqlCondition[] {
  const { status, outcome, model, key, client, address, from, to, q } = filter
  const conditions: SqlCondition[] = []
  const when = (sql: string, ...args: (string | number)[]): void => void conditions.push({ sql, args })
  if (status !== undefined) {
    const ranges = status.map(() => 'status BETWEEN ? AND ?').join(' OR ')
    when(`(${ranges === '' ? 'false' : ranges})`, ...status.flatMap((range) => [range.from, range.to]))
  }
  if (outcome !== undefined) when('outcome IN (SELECT value FROM json_each(?))', JSON.stringify(outcome))
  if (model !== undefined) when('(model = ? OR served_model = ?)', model, model)
  // An attempt is an array that begins with the key.
  if (key !== undefined) when('instr(attempts, ?) > 0', `[${JSON.stringify(key)},`)
  if (client !== undefined) when('client = ?', client)
  if (address !== undefined) when('address = ?', address)
  if (from !== undefined) when('at >= ?', from)
  if (to !== undefined) when('at < ?', to)
  if (q !== undefined) when(`instr(lower(${searched}), lower(?)) > 0`, q)
  return conditions
}
