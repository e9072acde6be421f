import type { Balance } from '../key/account.js'
import type { Outcome } from '../key/outcome.js'
import { ask } from '../relay/ask.js'
import type { Upstream } from '../relay/upstream.js'
import { pause } from './batch.js'

/** How one key is asked. */
export interface ProbeOptions {
  /** For one try, in milliseconds. @default 15_000 */
  readonly timeoutMs?: number
  /** More tries when the answer told nothing about the key (network, overload). @default 2 */
  readonly retries?: number
  readonly signal?: AbortSignal
}

const defaultTimeoutMs = 15_000
const defaultRetries = 2
/** Pause before another try, in milliseconds, doubled each time. */
const retryPauseMs = 500

/** What the balance endpoint told. */
export interface FoundBalance {
  readonly balance: Balance
  /** What the upstream calls the account; null when it does not say. */
  readonly account: string | null
}

/** Asks with a key whether the upstream takes it: a free request, repeated only while it tells nothing. */
export async function probeKey(
  upstream: Upstream,
  key: { readonly site: string; readonly token: string },
  options: ProbeOptions,
): Promise<Outcome> {
  const { timeoutMs = defaultTimeoutMs, retries = defaultRetries, signal } = options
  for (let failures = 0; ; failures++) {
    const path = upstream.provider.probePath
    const { outcome } = await ask(upstream, { path, ...key, timeoutMs, ...(signal && { signal }) })
    if (!isInconclusive(outcome) || failures >= retries || signal?.aborted === true) return outcome
    await pause(retryPauseMs * 2 ** failures, upstream.runtime, signal)
  }
}

/**
 * Asks how much is left. Undefined when the answer tells nothing, so that what is known stays; `unsupported` when
 * the endpoint is gone, which says nothing about key or money.
 */
export async function probeBalance(
  upstream: Upstream,
  key: { readonly site: string; readonly token: string },
  options: ProbeOptions,
): Promise<FoundBalance | undefined> {
  const { provider, runtime } = upstream
  if (provider.balancePath === undefined || provider.readBalance === undefined)
    return unsupported(upstream, key.site)
  const { timeoutMs = defaultTimeoutMs, signal } = options
  const { outcome, body } = await ask(upstream, {
    path: provider.balancePath,
    ...key,
    timeoutMs,
    ...(signal && { signal }),
  })
  if (outcome.status === 410 || outcome.status === 404) return unsupported(upstream, key.site)
  const reading = outcome.kind === 'success' ? provider.readBalance(body, key.site) : undefined
  if (reading === undefined) return undefined
  const { account, ...money } = reading
  return { balance: { ...money, source: 'known', at: runtime.now() }, account: account ?? null }
}

const unsupported = ({ provider, runtime }: Upstream, site: string): FoundBalance => ({
  balance: {
    amount: null,
    currency: provider.currencyOf(site),
    source: 'unsupported',
    at: runtime.now(),
  },
  account: null,
})

const isInconclusive = ({ fault }: Outcome): boolean =>
  fault === 'network' || fault === 'overload' || fault === 'ip-block' || fault === 'limit'
