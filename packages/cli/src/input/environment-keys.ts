import type { KeyInput } from '@sfpool/core'

const numbered = /^SILICONFLOW_API_KEY(?:_(\d+))?$/

/**
 * Keys from `SILICONFLOW_API_KEY` and `SILICONFLOW_API_KEY_1…n`, in the order of their numbers, each labelled with the
 * variable it came from. The numbers may have gaps; a secret that comes twice counts once.
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
