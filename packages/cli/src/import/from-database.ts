import { CliError } from '../cli-error.js'
import type { Database } from './database.js'
import { flowSiliconKeys, flowSiliconSettings } from './flowsilicon.js'
import { gptLoadKeys } from './gpt-load.js'
import type { Imported, ImportSource } from './imported.js'
import { workerKeys, workerSettings } from './kv.js'
import { oneApiKeys } from './one-api.js'
import { isRow, type Row, textOf } from './row.js'
import { siliconflowProxyKeys } from './siliconflow-proxy.js'

/** A database of another system, by a table of its own and the columns that it needs. */
interface Form {
  readonly source: Imported['source']
  readonly table: string
  readonly columns: readonly string[]
  read(database: Database): Promise<Omit<Imported, 'source'>>
}

const forms: readonly Form[] = [
  {
    source: 'flowsilicon',
    table: 'apikeys',
    columns: ['key', 'balance', 'disabled'],
    read: async (database) => ({
      ...flowSiliconKeys(await database.rows('apikeys')),
      skipped: flowSiliconSettings(await flowSiliconTree(database)),
    }),
  },
  {
    source: 'siliconflow-proxy',
    table: 'api_keys',
    columns: ['api_key'],
    read: async (database) => ({ ...siliconflowProxyKeys(await database.rows('api_keys')), skipped: [] }),
  },
  {
    source: 'gpt-load',
    table: 'api_keys',
    columns: ['key_value', 'group_id'],
    read: async (database) =>
      gptLoadKeys(
        await database.rows('api_keys'),
        database.tables.has('groups') ? await database.rows('groups') : [],
      ),
  },
  {
    source: 'one-api',
    table: 'channels',
    columns: ['key', 'type'],
    read: async (database) => ({ ...oneApiKeys(await database.rows('channels')), skipped: [] }),
  },
  {
    source: 'd1',
    table: 'keys',
    columns: ['key', 'balance'],
    read: async (database) => ({
      ...workerKeys(await database.rows('keys')),
      skipped: database.tables.has('config') ? workerSettings(namesOf(await database.rows('config'))) : [],
    }),
  },
]

/** Reads the keys of a database. Throws a `CliError` that says what was expected and what was found. */
export async function fromDatabase(database: Database, from: ImportSource): Promise<Imported> {
  for (const form of forms) {
    if (from !== 'auto' && from !== form.source && !(from === 'd1' && form.source === 'd1')) continue
    const columns = database.tables.get(form.table)
    if (columns === undefined || !form.columns.every((column) => columns.includes(column))) continue
    return { source: form.source, ...(await form.read(database)) }
  }
  // api-pool with D1 keeps the whole list of tokens as the text of one row, the newest last.
  if (from === 'auto' || from === 'd1') {
    const list = await newestList(database)
    if (list !== undefined) return { source: 'd1', ...workerKeys(list), skipped: [] }
  }
  const found = Array.from(database.tables.keys(), (table) => JSON.stringify(table)).slice(0, 10)
  const wanted = forms.filter(({ source }) => from === 'auto' || source === from)
  const expected = wanted.map(({ table, columns }) => `${table} (${columns.join(', ')})`).join(', or ')
  throw new CliError(
    `the database holds no keys that --from ${from} knows: ${found.length === 0 ? 'it has no table' : `its tables are ${found.join(', ')}`}`,
    { hint: `Expected a table ${expected === '' ? 'of keys' : expected}; nothing was written` },
  )
}

const namesOf = (rows: readonly Row[]): string[] => rows.flatMap(({ name }) => textOf(name) ?? [])

/** FlowSilicon keeps its settings as JSON in one row. */
async function flowSiliconTree(database: Database): Promise<Row> {
  if (!database.tables.has('config')) return {}
  for (const row of (await database.rows('config')).toReversed()) {
    for (const value of Object.values(row)) {
      const tree = jsonOf(value)
      if (isRow(tree)) return lowerCaseNames(tree)
    }
  }
  return {}
}

/** Go writes the names of its fields as they are, `ApiProxy`; the file has `api_proxy`. Names of models stay. */
function lowerCaseNames(tree: Row, levels = 2): Row {
  const entries = Object.entries(tree).map(([name, value]): [string, unknown] => [
    name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase(),
    isRow(value) && levels > 1 ? lowerCaseNames(value, levels - 1) : value,
  ])
  return Object.fromEntries(entries)
}

async function newestList(database: Database): Promise<Row[] | undefined> {
  for (const table of database.tables.keys()) {
    for (const row of (await database.rows(table)).toReversed()) {
      for (const value of Object.values(row)) {
        const list = jsonOf(value)
        if (Array.isArray(list) && list.some((entry) => isRow(entry) && typeof entry.key === 'string'))
          return list.filter(isRow)
      }
    }
  }
  return undefined
}

function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
