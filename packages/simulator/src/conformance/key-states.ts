import type { CaseSetup } from './case-setup.js'

const shownLetters = 4

/** Reads the state of each key from the target's status endpoint; undefined when there is none or it cannot be read. */
export async function readStates({ target, keys }: CaseSetup): Promise<Map<string, string> | undefined> {
  const { statusURL, statusHeaders = {} } = target
  if (statusURL === undefined) return undefined
  const answer = await fetch(statusURL, { headers: statusHeaders }).catch(() => undefined)
  if (answer?.ok !== true) return undefined
  const items = itemsOf(await answer.json())
  return new Map(
    keys.flatMap((key): [string, string][] => {
      // Masked keys show the last letters, which differ within a case.
      const item = items.find(({ mask }) => mask.slice(-shownLetters) === key.slice(-shownLetters))
      return item === undefined ? [] : [[key, item.status]]
    }),
  )
}

function itemsOf(json: unknown): { mask: string; status: string }[] {
  const items = isRecord(json) && Array.isArray(json.items) ? json.items : []
  return items.filter(isRecord).map(({ key, status, cooldowns }) => {
    // A key that cools down for one model only is ready for other models.
    const isCooling = status === 'ready' && Array.isArray(cooldowns) && cooldowns.length > 0
    return { mask: String(key), status: isCooling ? 'cooling' : String(status) }
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
