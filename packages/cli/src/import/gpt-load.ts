import type { ImportedKey, RejectedEntry, SkippedSetting } from './imported.js'
import { countOf, instantOf, isRow, known, type Row, textOf } from './row.js'
import { type Taken, takeKeys } from './take-keys.js'

/** A value that gpt-load has encrypted with its ENCRYPTION_KEY: a nonce, text and tag in hexadecimal digits. */
const encrypted = /^[0-9a-f]{80,}$/i

/**
 * Keys of gpt-load: rows of the tables `api_keys` and `groups` in data/gpt-load.db, or the same as JSON
 * (tbphp/gpt-load, internal/models/types.go). Only groups whose upstream is SiliconFlow's are taken.
 */
export function gptLoadKeys(
  rows: readonly Row[],
  groups: readonly Row[],
): Taken & { skipped: SkippedSetting[] } {
  const foreign = new Map<unknown, string>()
  const names = new Map<unknown, string>()
  for (const group of groups) {
    const name = textOf(group.display_name) ?? textOf(group.name) ?? String(group.id)
    names.set(group.id, name)
    const hosts = hostsOf(group.upstreams)
    if (hosts.length > 0 && !hosts.some(isSiliconFlow)) foreign.set(group.id, hosts[0] ?? '')
  }
  const rejected: RejectedEntry[] = []
  const own: Row[] = []
  const lines: number[] = []
  for (const [index, row] of rows.entries()) {
    const line = index + 1
    const host = foreign.get(row.group_id)
    if (host !== undefined)
      rejected.push({ line, reason: `its group is for ${host}; serve that one from a store of its own` })
    else if (encrypted.test(textOf(row.key_value) ?? ''))
      rejected.push({
        line,
        reason: 'gpt-load has encrypted it; export the keys as text there, and import that',
      })
    else {
      own.push(row)
      lines.push(line)
    }
  }
  const taken = takeKeys(
    own,
    (row) => row.key_value,
    (row) => factsOf(row, names),
  )
  const inFile = <T extends { line: number }>(entry: T): T => ({
    ...entry,
    line: lines[entry.line - 1] ?? entry.line,
  })
  return {
    keys: taken.keys.map(inFile),
    rejected: [...rejected, ...taken.rejected.map(inFile)].sort((one, other) => one.line - other.line),
    skipped: groups.length === 0 ? [] : [{ name: 'groups', reason: 'names of groups became labels of keys' }],
  }
}

function factsOf(row: Row, names: ReadonlyMap<unknown, string>): Omit<ImportedKey, 'secret' | 'line'> {
  const requests = countOf(row.request_count)
  const failures = countOf(row.failure_count) ?? 0
  return known({
    label: names.get(row.group_id),
    requests,
    successes: requests === undefined ? undefined : Math.max(0, requests - failures),
    lastUsedAt: instantOf(row.last_used_at),
    // Any failures in a row make a key "invalid" there, so it is no proof: it is asked again before it serves.
  })
}

function hostsOf(upstreams: unknown): string[] {
  let list = upstreams
  if (typeof upstreams === 'string') {
    try {
      list = JSON.parse(upstreams)
    } catch {
      return []
    }
  }
  if (!Array.isArray(list)) return []
  return list.flatMap((upstream) => {
    const url = isRow(upstream) ? textOf(upstream.url) : undefined
    return url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []
  })
}

export const isSiliconFlow = (host: string): boolean => /(?:^|\.)siliconflow\.(?:cn|com)$/.test(host)
