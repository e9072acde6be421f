import type { Balance } from '../money/balance.js'
import type { Outcome } from '../outcome/outcome.js'
import type { BalanceReading } from '../provider/balance-facts.js'
import { type AskInput, ask } from '../relay/attempt/ask.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { difference } from '../wire/exact-json.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'

/** A key as it is asked about. */
export interface AskedKey {
  readonly site: string
  readonly token: string
}

/** How one try is made. */
export interface TryOptions {
  /** In milliseconds; 0 means no limit. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What the balance endpoint told. */
export interface FoundBalance {
  readonly balance: Balance
  /** The reading behind it; null when there is none. */
  readonly reading: BalanceReading | null
}

/** Asks once with a key whether the upstream takes it: a free request. */
export async function probeKey(upstream: Upstream, key: AskedKey, options: TryOptions): Promise<Outcome> {
  return heard(await ask(upstream, questionOf(key, options, upstream.provider.probePath)))
}

/** A question to a model that costs a token. */
export interface ChatQuestion {
  readonly model: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Has a model answer one token, which only an account with money gets where the model costs something. */
export async function probeChat(
  upstream: Upstream,
  key: AskedKey,
  options: TryOptions & { readonly chat: ChatQuestion },
): Promise<Outcome> {
  const { model, fields } = options.chat
  const messages = [{ role: 'user', content: 'Hi' }]
  const json = { ...fields, model, messages, max_tokens: 1, stream: false }
  return heard(await ask(upstream, { ...questionOf(key, options, '/chat/completions'), json }))
}

/**
 * What an answer says of the key. Portals and panels answer any key with a page or send it to one, and that is not the
 * word of an API.
 */
function heard({ outcome, body }: { readonly outcome: Outcome; readonly body: string }): Outcome {
  const { kind, status = 200 } = outcome
  if (kind !== 'success' || (status < 300 && /^\s*[[{]/.test(body))) return outcome
  return { kind: 'rejected', fault: 'caller', status, message: 'the answer is none of an API' }
}

/** What came of asking for a balance: `found` is null when the answer holds no amount, `outcome` when nobody asked. */
export interface BalanceAnswer {
  readonly outcome: Outcome | null
  readonly found: FoundBalance | null
}

/**
 * Asks once how much is left. A site that has no such endpoint, or said of late that it is gone, is not asked:
 * `unsupported` says nothing about key or money.
 */
export async function probeBalance(
  upstream: Upstream,
  key: AskedKey,
  options: TryOptions & { readonly gone: UnsupportedEndpoints },
): Promise<BalanceAnswer> {
  const { provider, runtime } = upstream
  const { gone } = options
  const { balance: facts } = provider
  if (facts === undefined || gone.isGone(key.site, runtime.now()))
    return { outcome: null, found: unsupported(upstream, key.site) }
  const bodies: string[] = []
  let last: Outcome = { kind: 'aborted' }
  for (const path of facts.paths((fromToday) => dayOf(runtime.now() + fromToday * dayMs))) {
    const { outcome, body } = await ask(upstream, questionOf(key, options, path))
    last = outcome
    if (outcome.status === 410 || outcome.status === 404) {
      gone.note(key.site, runtime.now())
      return { outcome, found: unsupported(upstream, key.site) }
    }
    if (outcome.kind !== 'success') return { outcome, found: null }
    bodies.push(body)
  }
  const reading = facts.read(bodies, key.site)
  if (reading === undefined) return { outcome: last, found: null }
  const { amount, currency } = reading
  const known = { amount, currency, source: 'known' as const, at: runtime.now(), funds: fundsOf(reading) }
  return { outcome: last, found: { balance: known, reading } }
}

/** The amount by kind of money; of two kinds one is enough to know the other. */
function fundsOf({ amount, charged, gift }: BalanceReading): NonNullable<Balance['funds']> | null {
  if (charged === undefined && gift === undefined) return null
  return {
    charged: charged ?? difference(amount, gift ?? '0'),
    gift: gift ?? difference(amount, charged ?? '0'),
  }
}

const dayMs = 24 * 60 * 60_000
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const questionOf = (key: AskedKey, { timeoutMs, signal }: TryOptions, path: string): AskInput => ({
  path,
  ...key,
  timeoutMs,
  ...(signal && { signal }),
})

const unsupported = ({ provider, runtime }: Upstream, site: string): FoundBalance => ({
  balance: {
    amount: null,
    currency: provider.currencyOf(site),
    source: 'unsupported',
    at: runtime.now(),
  },
  reading: null,
})
