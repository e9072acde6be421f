import type { Outcome } from '../../outcome/outcome.js'
import { blamesKey } from '../../outcome/switching.js'
import type { ChatProbe } from '../../provider/provider.js'
import { outcomeOfHiddenFailure } from '../../relay/answer/hidden-failure.js'
import { type AskInput, ask } from '../../relay/attempt/ask.js'
import type { Upstream } from '../../relay/attempt/upstream.js'
import { isRecord, parseJson } from '../../wire/json.js'

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
  const { probePath } = upstream.provider
  const isProof = /\/models(?:\?|$)/.test(probePath) ? isModelList : isFilled
  return outcomeOfAPI(await ask(upstream, askInput(key, options, probePath)), upstream, isProof)
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
  const answer = await ask(upstream, { ...askInput(key, options, '/chat/completions'), json })
  return outcomeOfAPI(answer, upstream, isFilled)
}

/** The request for a path below the base URL, under the probed key. */
export const askInput = (key: ProbedKey, { timeoutMs, signal }: ProbeOptions, path: string): AskInput => ({
  path,
  ...key,
  timeoutMs,
  ...(signal && { signal }),
})

/**
 * What an answer says about the key. Portals and panels answer every key with a page, a redirect to one, or an envelope
 * of their own: such an answer is not taken for a success. `isProof` tells what the endpoint asked answers with.
 */
function outcomeOfAPI(
  { outcome, body }: { readonly outcome: Outcome; readonly body: string },
  { provider }: Upstream,
  isProof: (json: unknown) => boolean,
): Outcome {
  const { kind, status = 200 } = outcome
  // A model's answer that was none blames the way to the upstream: here that says the same as a page does.
  if (kind === 'truncated' && outcome.status !== undefined) return noneOfAPI(status)
  if (kind !== 'success') return outcome
  const text = body.replace(/^\uFEFF/, '')
  const json = parseJson(text)
  if (status < 300 && isProof(json) && !isEnvelopeOfFailure(json)) return outcome
  const said = isRecord(json)
    ? outcomeOfHiddenFailure(provider, { status, headers: [], body: text.slice(0, looked) })
    : outcome
  return blamesKey(said) ? said : noneOfAPI(status)
}

const noneOfAPI = (status: number): Outcome => ({
  kind: 'rejected',
  fault: 'caller',
  status,
  message: 'the answer is none of an API',
})

/** The most of an answer that is searched for a reason. */
const looked = 64 * 1024

/** Whether an endpoint that lists models answers so: OpenAI's list, Google's, or a bare one. */
function isModelList(json: unknown): boolean {
  if (Array.isArray(json)) return true
  if (!isRecord(json)) return false
  return json.object === 'list' || Array.isArray(json.data) || Array.isArray(json.models)
}

/** Of another endpoint no more is known than that it answers with something. */
const isFilled = (json: unknown): boolean =>
  Array.isArray(json) || (isRecord(json) && Object.keys(json).length > 0)

const successCodes: ReadonlySet<unknown> = new Set([undefined, null, 0, 200, 20_000, '0', '200', '20000'])

function isEnvelopeOfFailure(json: unknown): boolean {
  if (!isRecord(json)) return false
  const { success, code, error } = json
  const hasError = error !== undefined && error !== null && error !== false
  return success === false || hasError || !successCodes.has(code)
}
