import type { PoolEmitter } from '../events.js'
import { fingerprint } from '../key/fingerprint.js'
import type { Key } from '../key/key.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import { maskToken } from '../mask.js'
import { isAboveZero } from '../provider/is-above-zero.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { applyFinding, withKnownHealth } from './apply-finding.js'
import { type BalanceRefresh, reportedView } from './balance-refresh.js'
import { type CheckedCheckOptions, type CheckOptions, checkCheckOptions } from './check-options.js'
import { CheckPace } from './check-pace.js'
import { CheckRetries, type CheckSubject } from './check-retries.js'
import { Checker, type Finding } from './checker.js'
import { Delayed, runBatch } from './run-batch.js'
import type { LookReason } from './schedule.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'
import type { Verdict } from './verdict.js'

interface Subject extends CheckSubject {
  readonly index: number
  /** The pool's record, when the token is one of its own. */
  readonly key: Key | undefined
}

export interface KeyChecksParts {
  readonly keyring: Keyring
  readonly upstream: Upstream
  readonly events: PoolEmitter
  readonly balances: BalanceRefresh
  readonly unsupported: UnsupportedEndpoints
}

/** Checks keys by asking the upstream, and applies the findings to the pool's own keys. */
export class KeyChecks {
  readonly #parts: KeyChecksParts

  constructor(parts: KeyChecksParts) {
    this.#parts = parts
  }

  /**
   * Asks about each key, yields verdicts as they come, and applies them to the state of the pool's own keys. Holds
   * nothing for keys that are done.
   */
  check(options: CheckOptions): AsyncGenerator<Verdict> {
    const { runtime, provider } = this.#parts.upstream
    const checked = checkCheckOptions(options, provider)
    const retries = this.#retries(checked)
    return runBatch(
      this.#subjects(checked),
      async (subject, signal) => {
        const finding = await retries.try(subject, signal)
        return finding instanceof Delayed ? finding : this.#verdict(subject, finding)
      },
      checked,
      runtime,
    )
  }

  /**
   * Asks once about one of the pool's own keys, for free. In a round: what is left, or whether it is accepted. After
   * calls or a refusal: what is left, where the upstream has a balance endpoint.
   */
  async look(id: string, reason: LookReason, signal: AbortSignal): Promise<void> {
    const { keyring, balances } = this.#parts
    const key = keyring.keys.get(id)
    if (key === undefined) return
    if (reason === 'round') {
      const keys = [revealSecret(key.secret)]
      for await (const _ of this.check({ keys, probe: 'balance', retries: 0, signal }));
      return
    }
    const { reported } = await balances.ask(key, signal)
    // Money that is reported a moment after a refusal is of a kind that did not pay: live trials find out more.
    const isContradiction =
      reason === 'funds' && reported?.balance.amount != null && isAboveZero(reported.balance.amount)
    if (reported !== null && key.isHeld && !isContradiction) balances.keep(key, reported)
  }

  #retries({ probe, model, limits }: CheckedCheckOptions): CheckRetries {
    const { upstream, unsupported } = this.#parts
    const { runtime } = upstream
    const checker = new Checker({ upstream, probe, model, unsupported })
    return new CheckRetries({ checker, limits, runtime, pace: new CheckPace(runtime) })
  }

  async *#subjects({ keys, site }: CheckedCheckOptions): AsyncGenerator<Subject> {
    const { keyring, upstream } = this.#parts
    let index = 0
    for await (const given of keys ?? this.#ownTokens()) {
      const token = given.trim()
      const key = keyring.keys.get(fingerprint(token))
      const at = key?.site ?? site ?? upstream.provider.site
      yield { index: index++, token, site: at, key, ...untried }
    }
  }

  *#ownTokens(): Generator<string> {
    const keys = Array.from(this.#parts.keyring.keys.values())
    for (const key of keys) if (key.isHeld) yield revealSecret(key.secret)
  }

  #verdict({ index, token, site, key }: Subject, finding: Finding): Verdict {
    if (key?.isHeld === true) this.#apply(key, finding)
    return {
      ...(key === undefined ? finding.ruling : withKnownHealth(finding, key.account)),
      index,
      id: key?.id ?? fingerprint(token),
      key: maskToken(token),
      site,
      balance: key === undefined ? reportedView(finding.reported) : this.#parts.balances.viewOf(key.account),
    }
  }

  #apply(key: Key, finding: Finding): void {
    const { keyring, upstream, events, balances } = this.#parts
    if (finding.reported !== null) balances.keep(key, finding.reported)
    const { provider, runtime } = upstream
    const change = applyFinding(key, finding, { provider, now: runtime.now() })
    if (change === null) return
    keyring.restore(key, change)
    if (change.balance !== undefined)
      events.emit('balance-updated', { account: key.account.id, balance: change.balance })
  }
}

const untried = { failures: 0, refusals: 0, startedAt: null, finding: null } as const
