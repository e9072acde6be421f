import type { Outcome } from '../../outcome/outcome.js'
import type { ChatProbe } from '../../provider/provider.js'
import { type AskInput, ask } from '../../relay/attempt/ask.js'
import type { Upstream } from '../../relay/attempt/upstream.js'

/** A token, and the site where it is tried. */
export interface ProbedKey {
  readonly site: string
  readonly token: string
}

/** How one probe is made. */
export interface ProbeOptions {
  /** In milliseconds; 0 means no limit. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Asks the upstream once, by a free request, whether it accepts a key. */
export async function probeKey(upstream: Upstream, key: ProbedKey, options: ProbeOptions): Promise<Outcome> {
  return outcomeOfAPI(await ask(upstream, askInput(key, options, upstream.provider.probePath)))
}

/** Has a model write one token. Where the model costs something, only an account with money gets an answer. */
export async function probeChat(
  upstream: Upstream,
  key: ProbedKey,
  options: ProbeOptions & { readonly chat: ChatProbe },
): Promise<Outcome> {
  const { model, fields } = options.chat
  const messages = [{ role: 'user', content: 'Hi' }]
  const json = { ...fields, model, messages, max_tokens: 1, stream: false }
  return outcomeOfAPI(await ask(upstream, { ...askInput(key, options, '/chat/completions'), json }))
}

/** The request for a path below the base URL, under the probed key. */
export const askInput = (key: ProbedKey, { timeoutMs, signal }: ProbeOptions, path: string): AskInput => ({
  path,
  ...key,
  timeoutMs,
  ...(signal && { signal }),
})

/**
 * What an answer says about the key. Portals and panels answer every key with a page, or with a redirect to one: such
 * an answer is not taken for a success.
 */
function outcomeOfAPI({ outcome, body }: { readonly outcome: Outcome; readonly body: string }): Outcome {
  const { kind, status = 200 } = outcome
  if (kind !== 'success' || (status < 300 && /^\s*[[{]/.test(body))) return outcome
  return { kind: 'rejected', fault: 'caller', status, message: 'the answer is none of an API' }
}
