import type { KeyInput } from '@sfpool/core'

const numbered = /^SILICONFLOW_API_KEY(?:_(\d+))?$/

/**
 * Reads keys from `SILICONFLOW_API_KEY` and `SILICONFLOW_API_KEY_1…n`, in the order of their numbers. Each key is
 * labelled with its variable. The numbers may have gaps; a repeated secret counts once.
 */
export function environmentKeys(environment: Readonly<Record<string, string | undefined>>): KeyInput[] {
  const found: { order: number; label: string; secret: string }[] = []
  for (const [label, value] of Object.entries(environment)) {
    const match = numbered.exec(label)
    const secret = value?.trim() ?? ''
    if (match === null || secret === '') continue
    found.push({ order: Number(match[1] ?? 0), label, secret })
  }
  const seen = new Set<string>()
  return found
    .sort((one, other) => one.order - other.order)
    .filter(({ secret }) => !seen.has(secret) && seen.add(secret))
    .map(({ label, secret }) => ({ secret, label }))
}
