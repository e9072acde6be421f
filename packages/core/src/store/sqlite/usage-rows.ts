import { setImmediate as nextTurn } from 'node:timers/promises'
import { type StoredUsage, type UsageBook, type UsageRange, usageDays } from '../stored-usage.js'
import { inParts } from './in-parts.js'
import { joinMoney, splitMoney, unit } from './money-columns.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

/** Takes a JSON array of rows. The counts of several processes add up. */
const add = `
  INSERT INTO usage (book, day, upstream, name, part_of, currency, requests, successes, prompt_tokens, completion_tokens,
    cached_tokens, reasoning_tokens, images, cost_whole, cost_part, unknown_costs)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15
  FROM json_each(?) WHERE true
  ON CONFLICT (book, day, upstream, name, part_of, currency) DO UPDATE SET
    requests = requests + excluded.requests, successes = successes + excluded.successes,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, images = images + excluded.images,
    cost_whole = cost_whole + excluded.cost_whole + (cost_part + excluded.cost_part) / ${unit},
    cost_part = (cost_part + excluded.cost_part) % ${unit}, unknown_costs = unknown_costs + excluded.unknown_costs`

/** Takes the book and the number of days that are kept. */
const forget = `
  DELETE FROM usage WHERE book = ?1 AND day <= (SELECT max(day) FROM usage WHERE book = ?1) - ?2`

/** Takes the book, the place before the first row (day, upstream, name, part_of, currency), the last day, how many. */
const read = `
  SELECT CAST(json_group_array(json_array(day, upstream, name, part_of, currency, requests, successes, prompt_tokens,
    completion_tokens, cached_tokens, reasoning_tokens, images, cost_whole, cost_part, unknown_costs)) AS BLOB) AS rows
  FROM (SELECT * FROM usage WHERE book = ? AND (day, upstream, name, part_of, currency) > (?, ?, ?, ?, ?) AND day <= ?
    ORDER BY day, upstream, name, part_of, currency LIMIT ?)`

/** Rows read at once. Reading them takes about as long as writing a part. */
const readSize = 500

export async function addUsage(session: SqlSession, usage: readonly StoredUsage[]): Promise<void> {
  if (usage.length === 0) return
  await inParts(usage, async (part) => {
    await session.write(add, [encodeRows(part.map(rowOf))])
  })
  for (const book of ['keys', 'models'] satisfies UsageBook[]) await session.write(forget, [book, usageDays])
}

export async function readUsage(
  session: SqlSession,
  { book, from, to }: UsageRange,
  each: (rows: readonly StoredUsage[]) => void,
): Promise<void> {
  let last: Place = [from, '', '', '', '']
  for (;;) {
    const [found] = await session.rows(read, [book, ...last, to, readSize])
    const usage = (decodeRows(found?.rows) as UsageRow[]).map((row) => usageOf(book, row))
    const end = usage.at(-1)
    each(usage)
    if (end === undefined || usage.length < readSize) return
    last = [end.day, end.upstream, end.name, end.of, end.currency]
    await nextTurn()
  }
}

/** Where a row stands in the order in which rows are read. */
type Place = readonly [day: number, upstream: string, name: string, of: string, currency: string]

type UsageRow = readonly [
  day: number,
  upstream: string,
  name: string,
  of: string,
  currency: string,
  requests: number,
  successes: number,
  promptTokens: number,
  completionTokens: number,
  cachedTokens: number,
  reasoningTokens: number,
  images: number,
  whole: number,
  part: number,
  unknownCosts: number,
]

const rowOf = (usage: StoredUsage): readonly unknown[] => [
  usage.book,
  usage.day,
  usage.upstream,
  usage.name,
  usage.of,
  usage.currency,
  usage.requests,
  usage.successes,
  usage.promptTokens,
  usage.completionTokens,
  usage.cachedTokens,
  usage.reasoningTokens,
  usage.images,
  ...splitMoney(usage.cost),
  usage.unknownCosts,
]

function usageOf(book: UsageBook, row: UsageRow): StoredUsage {
  const [
    day,
    upstream,
    name,
    of,
    currency,
    requests,
    successes,
    promptTokens,
    completionTokens,
    cachedTokens,
  ] = row
  const [, , , , , , , , , , reasoningTokens, images, whole, part, unknownCosts] = row
  const tokens = { promptTokens, completionTokens, cachedTokens, reasoningTokens }
  const sums = { requests, successes, ...tokens, images, cost: joinMoney(whole, part), unknownCosts }
  return { book, day, upstream, name, of, currency, ...sums }
}
