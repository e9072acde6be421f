import { setImmediate as nextTurn } from 'node:timers/promises'
import { readKeys } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { encodingOf } from '../input/read-text.js'
import { openDump } from './database.js'
import { flowSiliconConfig, flowSiliconKeys, isFlowSiliconConfig } from './flowsilicon.js'
import { fromDatabase } from './from-database.js'
import { gptLoadKeys } from './gpt-load.js'
import type { Imported, ImportedKey, ImportSource, RejectedEntry } from './imported.js'
import { bulkEntries, workerKeys, workerSettings } from './kv.js'
import { oneApiKeys } from './one-api.js'
import { isRow, type Row } from './row.js'

/** Reads a text: JSON, YAML, an SQL dump, or keys. Throws a `CliError` that says what was expected, and where it stopped. */
export async function fromText(bytes: Buffer, from: ImportSource): Promise<Imported> {
  if (bytes.includes(magic))
    throw new CliError('a database cannot be read from standard input', { hint: 'Give its path' })
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes)
  const isJson = /^\s*[[{]/.test(text)
  if (from !== 'keys' && from !== 'siliconflow-lb') {
    if (isJson) {
      const imported = fromJson(parsed(text, from), from)
      if (imported !== undefined) return imported
    } else if (/^\s*insert\s+(?:or\s+\w+\s+)?into\b/im.test(text)) return fromDump(text, from)
    else if (from === 'flowsilicon' || (from === 'auto' && /^(?:api_proxy|app):/m.test(text)))
      return fromYaml(text)
  }
  if (from !== 'auto' && from !== 'keys' && from !== 'siliconflow-lb') throw unknownShape(from, isJson)
  const found = await keysIn(bytes)
  if (found.keys.length === 0) throw unknownShape(from, isJson)
  return { source: from === 'siliconflow-lb' ? from : 'keys', ...found, skipped: [] }
}

const magic = Buffer.from('SQLite format 3\0')
const pieceBytes = 64 * 1024

/** The keys of a text, read in pieces with a turn of the event loop between them. */
async function keysIn(bytes: Buffer): Promise<Pick<Imported, 'keys' | 'rejected'>> {
  const keys: ImportedKey[] = []
  const rejected: RejectedEntry[] = []
  let omitted = 0
  for await (const found of readKeys(inPieces(bytes))) {
    for (const { secret, line, balance } of found.keys)
      keys.push({
        secret,
        line,
        ...(balance === undefined ? {} : { balance: { amount: balance, at: null } }),
      })
    for (const each of found.rejected) rejected.push(each)
    omitted += found.omitted ?? 0
  }
  if (omitted > 0) rejected.push({ line: 0, reason: `${omitted} more lines hold no key` })
  return { keys, rejected }
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes)
    await nextTurn()
  }
}

async function fromDump(text: string, from: ImportSource): Promise<Imported> {
  let database: Awaited<ReturnType<typeof openDump>>
  try {
    database = await openDump(text)
  } catch (cause) {
    throw new CliError('the SQL dump cannot be read: one of its statements is not SQLite', {
      hint: 'Expected what wrangler d1 export writes; nothing was written',
      cause,
    })
  }
  await using opened = database
  return await fromDatabase(opened, from)
}

async function fromYaml(text: string): Promise<Imported> {
  const { parse } = await import('yaml')
  let tree: unknown
  try {
    tree = parse(text)
  } catch (cause) {
    throw new CliError('the YAML cannot be read', { hint: 'Nothing was written', cause })
  }
  if (isRow(tree) && isFlowSiliconConfig(tree)) return flowSiliconConfig(tree)
  throw unknownShape('flowsilicon', false)
}

/** What a JSON text holds; undefined when it may still be a list of keys in a form of its own. */
function fromJson(value: unknown, from: ImportSource): Imported | undefined {
  if (isRow(value) && isFlowSiliconConfig(value)) return flowSiliconConfig(value)
  if (isRow(value) && Array.isArray(value.api_keys) && Array.isArray(value.groups))
    return { source: 'gpt-load', ...gptLoadKeys(value.api_keys.filter(isRow), value.groups.filter(isRow)) }
  const list = listIn(value)
  const entries = list === undefined ? undefined : bulkEntries(list)
  if (entries !== undefined) return fromBulk(entries)
  if (list === undefined || list.length === 0 || !list.every(isRow)) return undefined
  return fromRows(list, from)
}

function fromRows(rows: readonly Row[], from: ImportSource): Imported | undefined {
  const has = (name: string): boolean => rows.some((row) => name in row)
  if (has('key_value')) return { source: 'gpt-load', ...gptLoadKeys(rows, []) }
  if (!has('key') && !(from === 'one-api' || has('base_url'))) return undefined
  if (has('total_calls') || has('consecutive_failures'))
    return { source: 'flowsilicon', ...flowSiliconKeys(rows), skipped: [] }
  if (has('type') && (has('models') || has('base_url')))
    return { source: 'one-api', ...oneApiKeys(rows), skipped: [] }
  const isWorkers =
    has('added') || has('addedAt') || has('enabled') || has('usageCount') || has('lastUpdated')
  if (isWorkers || from === 'kv') return { source: 'kv', ...workerKeys(rows), skipped: [] }
  return undefined
}

function fromBulk(entries: ReadonlyMap<string, string>): Imported {
  const lists = ['keys', 'tokens'].flatMap((name) => {
    const text = entries.get(name)
    return text === undefined ? [] : [parsed(text, 'kv')]
  })
  const rows = lists.flatMap((list) => (Array.isArray(list) ? list.filter(isRow) : []))
  const others = Array.from(entries.keys()).filter((name) => name !== 'keys' && name !== 'tokens')
  return { source: 'kv', ...workerKeys(rows), skipped: workerSettings(others) }
}

/** A list itself, or the list in an answer of an API. */
function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (!isRow(value)) return undefined
  const { data, items } = value
  if (Array.isArray(data)) return data
  if (isRow(data) && Array.isArray(data.items)) return data.items
  return Array.isArray(items) ? items : undefined
}

/** JSON, with an error that names the place and repeats nothing: there may be a key in it. */
function parsed(text: string, from: ImportSource): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (from === 'auto') return undefined
    const at = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? text.length)
    const line = text.slice(0, at).split('\n').length
    throw new CliError(`the JSON ends to be valid in line ${line}, at character ${at + 1}`, {
      hint: 'Nothing was written',
    })
  }
}

const expected: Readonly<Record<ImportSource, string>> = {
  auto: 'a key file, or what FlowSilicon, siliconflowProxy, siliconflow-lb, api-pool, Siliconflow-API-Management, gpt-load, one-api or new-api keep or export',
  keys: 'a key file: keys separated by lines, commas, spaces, semicolons or tabs',
  'siliconflow-lb': 'its keys.txt, a key a line',
  flowsilicon: 'data/config.db, data/api_keys.json or config.yaml of FlowSilicon',
  'siliconflow-proxy': 'data/api_keys.db of siliconflowProxy, an SQLite file',
  kv: 'the value of keys or tokens in KV, a JSON list, or a bulk file [{"key", "value"}]',
  d1: 'what wrangler d1 export writes, or an SQLite file with the table keys',
  'gpt-load': 'data/gpt-load.db, or its keys as text',
  'one-api': 'one-api.db of one-api or new-api, or its channels as JSON with their keys',
}

function unknownShape(from: ImportSource, isJson: boolean): CliError {
  const found = isJson ? 'the JSON has none of the shapes that are known' : 'no key was found in the text'
  return new CliError(`${found}${from === 'auto' ? '' : ` for --from ${from}`}`, {
    hint: `Expected ${expected[from]}; nothing was written`,
  })
}
