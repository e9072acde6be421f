import { isSiliconFlow } from './gpt-load.js'
import type { ImportedKey, RejectedEntry } from './imported.js'
import { balanceOf, instantOf, isRow, known, type Row, textOf } from './row.js'
import type { Taken } from './take-keys.js'

/** SiliconFlow's number among the types of channels: of new-api, and of one-api. */
const siliconflowTypes: ReadonlySet<number> = new Set([40, 44])
/** A channel that a person switched off; 3 stands for one that automation did. */
const switchedOff = 2

/**
 * Keys of the channels of one-api and new-api: rows of the table `channels`, or the same as JSON (QuantumNous/new-api,
 * model/channel.go). A channel may hold several keys, a line each. Only SiliconFlow's channels are taken.
 */
export function oneApiKeys(rows: readonly Row[]): Taken {
  const keys: ImportedKey[] = []
  const rejected: RejectedEntry[] = []
  for (const [index, row] of rows.entries()) {
    const line = index + 1
    const name = textOf(row.name)
    const found = keysOf(row)
    if (!isOwn(row))
      rejected.push({
        line,
        reason: `the channel ${name ?? ''} is not SiliconFlow's; serve it from a store of its own`,
      })
    else if (found.length === 0)
      rejected.push({
        line,
        reason: 'the channel holds no key; its list leaves keys out, its database has them',
      })
    else
      for (const [at, secret] of found.entries())
        keys.push({ secret, line, ...factsOf(row, at, found.length) })
  }
  return { keys, rejected }
}

function isOwn(row: Row): boolean {
  const url = textOf(row.base_url)
  if (url !== undefined && URL.canParse(url)) return isSiliconFlow(new URL(url).hostname)
  return siliconflowTypes.has(Number(row.type))
}

const keysOf = (row: Row): string[] =>
  (textOf(row.key) ?? '')
    .split('\n')
    .map((key) => key.trim())
    .filter((key) => key !== '')

function factsOf(row: Row, at: number, total: number): Omit<ImportedKey, 'secret' | 'line'> {
  const balanceAt = instantOf(row.balance_updated_time)
  const weight = Number(row.weight)
  return known({
    label: textOf(row.name),
    enabled: statusOf(row, at) === switchedOff ? false : undefined,
    weight: weight > 0 && weight <= 1_000 ? weight : undefined,
    // Of several keys it is not known whose balance it is.
    balance: total === 1 ? balanceOf(row.balance, { at: balanceAt }) : undefined,
  })
}

/** The state of one of the channel's keys: its own, where the channel keeps one for each. */
function statusOf(row: Row, at: number): number {
  let info: unknown = row.channel_info
  if (typeof info === 'string') {
    try {
      info = JSON.parse(info)
    } catch {
      info = undefined
    }
  }
  const list = isRow(info) && isRow(info.multi_key_status_list) ? info.multi_key_status_list : {}
  return Number(list[String(at)] ?? row.status ?? 1)
}
