import type { FiguresReport, HistoryFigures, PoolRates } from '@sfpool/core'
import * as v from 'valibot'
import { openPool } from '../pool/open-pool.js'
import { openExistingStore } from '../pool/open-store.js'
import { readOnlyStore } from '../pool/read-only-store.js'
import { timerlessRuntime } from '../pool/timerless-runtime.js'
import { askServer, type ServerAddress, unexpectedAnswer } from './ask-server.js'

/** The figures of a window, split one way. */
export interface WindowFigures extends FiguresReport {
  readonly window: string
  /** What a running server does now; null from a store. */
  readonly rates: PoolRates | null
}

export interface WindowQuestion {
  readonly window: string
  readonly by: 'key' | 'account' | 'model' | 'client'
}

const count = v.number()
const percentiles = v.looseObject({ p50Ms: v.nullable(count), p95Ms: v.nullable(count) })
const figures = v.looseObject({
  name: v.string(),
  key: v.optional(v.string()),
  label: v.optional(v.nullable(v.string())),
  requests: count,
  errors: count,
  tokens: count,
  cost: v.string(),
  currency: v.string(),
  latency: percentiles,
  ttft: percentiles,
  trend: v.array(count),
})
const answerSchema = v.looseObject({
  step: count,
  from: v.string(),
  to: v.string(),
  by: v.string(),
  rows: v.array(figures),
  total: figures,
  rates: v.looseObject({ rpm: count, tpm: count, ipm: count, rpd: count, tpd: count, ipd: count }),
})

/** Asks a running server for the figures of a window. */
export async function readServerFigures(
  server: ServerAddress,
  { window, by }: WindowQuestion,
): Promise<WindowFigures> {
  const json = await askServer(server, `/admin/api/figures?window=${window}&by=${by}`)
  const parsed = v.safeParse(answerSchema, json)
  if (!parsed.success) throw unexpectedAnswer(server.url)
  return { ...(parsed.output as unknown as WindowFigures), window, by }
}

/** Reads the figures of a window from the store, to which a running server adds them once a second. */
export async function readStoreFigures(
  context: Parameters<typeof openPool>[0],
  { window, by }: WindowQuestion,
): Promise<WindowFigures> {
  const store = readOnlyStore(await openExistingStore(context, 'read'))
  await using pool = await openPool(context, { store, runtime: timerlessRuntime })
  return { window, ...(await pool.figures({ window, by })), rates: null }
}

/** The JSON of the command: window and split first. */
export const figuresJson = ({ window, by, rows, total, ...rest }: WindowFigures): unknown => ({
  window,
  by,
  rows,
  total,
  ...rest,
})

/** How people know a row: a key by its label or mask. */
export function nameOf({ name, key, label }: HistoryFigures): string {
  if (key !== undefined) return label === null || label === undefined ? key : `${key} (${label})`
  return name === '' ? '(none)' : name
}
