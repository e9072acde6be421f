import type { Imported, ImportedKey, SkippedSetting } from './imported.js'
import { balanceOf, countOf, instantOf, isRow, isSet, known, type Row, textOf } from './row.js'
import { type Taken, takeKeys } from './take-keys.js'

/**
 * Keys of FlowSilicon: rows of the table `apikeys` in data/config.db, or of data/api_keys.json of versions before 1.3.9
 * (HanHai-Space/FlowSilicon, internal/config/db_apikeys.go and config.go).
 */
export function flowSiliconKeys(rows: readonly Row[]): Taken {
  return takeKeys(
    rows.filter((row) => !isSet(row.is_delete)),
    (row) => row.key,
    (row): Omit<ImportedKey, 'secret' | 'line'> => {
      const at = instantOf(row.last_tested) ?? instantOf(row.last_used)
      return known({
        balance: balanceOf(row.balance, { at }),
        enabled: isSet(row.disabled) ? false : undefined,
        requests: countOf(row.total_calls),
        successes: countOf(row.success_calls),
        lastUsedAt: instantOf(row.last_used),
      })
    },
  )
}

/** Its strategies by number (internal/key/model_key_strategy.go). */
const strategies: Readonly<Record<number, string>> = {
  1: 'high-success-rate',
  2: 'weighted-score',
  3: 'low-rpm',
  4: 'low-tpm',
  5: 'high-balance',
  6: 'round-robin',
  7: 'low-balance',
}

/** The settings of FlowSilicon: config.yaml, or the same tree as JSON in the table `config`. */
export function flowSiliconSettings(tree: Row): SkippedSetting[] {
  const server = isRow(tree.server) ? tree.server : {}
  const upstream = isRow(tree.api_proxy) ? tree.api_proxy : {}
  const app = isRow(tree.app) ? tree.app : {}
  const skipped: SkippedSetting[] = []
  const skip = (name: string, reason: string): void => void skipped.push({ name, reason })
  const port = countOf(server.port)
  if (port !== undefined) skip('server.port', `set it with --port ${port}`)
  const baseUrl = textOf(upstream.base_url)
  if (baseUrl !== undefined && URL.canParse(baseUrl))
    skip('api_proxy.base_url', `set it with --base-url ${new URL(baseUrl).origin}`)
  const least = countOf(Number(app.min_balance_threshold) * 100)
  if (least !== undefined) skip('app.min_balance_threshold', `set it with --min-balance ${least / 100}`)
  const models = isRow(app.model_key_strategies) ? Object.entries(app.model_key_strategies) : []
  for (const [model, number] of models) {
    const name = strategies[Number(number)] ?? 'round-robin'
    skip(
      `app.model_key_strategies: ${model}`,
      `set it in sfpool.config.yaml: rules: { models: { "${model}": ${name} } }`,
    )
  }
  const others = Object.keys(app).filter((name) => !handled.has(name))
  if (others.length > 0) skip(`app.${others.join(', app.')}`, 'these have no counterpart, or none is needed')
  return skipped
}

const handled: ReadonlySet<string> = new Set(['min_balance_threshold', 'model_key_strategies'])

/** A configuration file alone: it holds no keys. */
export function flowSiliconConfig(tree: Row): Imported {
  return { source: 'flowsilicon', keys: [], rejected: [], skipped: flowSiliconSettings(tree) }
}

export const isFlowSiliconConfig = (tree: Row): boolean =>
  isRow(tree.app) && (isRow(tree.api_proxy) || isRow(tree.server))
