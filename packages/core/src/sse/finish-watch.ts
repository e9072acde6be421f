import { isRecord } from '../wire/json.js'

/** More choices than any stream has; whoever sends more gets no credit for an end. */
const mostChoices = 128

/**
 * Matches data that gives a reason for the end of a choice, speaks of another choice than the first, or brings an error
 * with it.
 */
const notable = /"finish_reason"\s*:\s*"[^"]|"choices"\s*:\s*\[\s*\{\s*"index"\s*:\s*[1-9]|"error"\s*:\s*["{]/

/** Whether data may change what is known of the choices, or report an error, found without parsing it. */
export const isNotable = (data: string): boolean => notable.test(data)

/**
 * Knows which choices of a chat stream have given the reason for their end. A stream whose choices all have, and that
 * ends cleanly, is whole also without an end mark.
 */
export class FinishWatch {
  /** By the index of each choice whether it has finished. */
  #choices: Map<unknown, boolean> | null = null

  get isFinished(): boolean {
    const choices = this.#choices
    if (choices === null || choices.size === 0 || choices.size > mostChoices) return false
    for (const hasFinished of choices.values()) if (!hasFinished) return false
    return true
  }

  observe(event: unknown): void {
    if (!isRecord(event) || !Array.isArray(event.choices)) return
    for (const choice of event.choices) if (isRecord(choice)) this.#observeChoice(choice)
  }

  #observeChoice({ index = 0, finish_reason: reason }: Record<string, unknown>): void {
    this.#choices ??= new Map()
    const hasFinished = typeof reason === 'string' && reason !== ''
    if (this.#choices.size > mostChoices) return
    this.#choices.set(index, hasFinished || this.#choices.get(index) === true)
  }
}
