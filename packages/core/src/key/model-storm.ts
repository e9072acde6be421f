/** How soon after its last cooldown was lifted that of an account may be lifted again. */
const liftEveryMs = 5_000
/** How long nothing is looked at after a success that could lift nothing. */
const quietMs = 1_000

interface Member {
  /** When its last failure came, and when its cooldown was lifted last. */
  readonly since: number
  liftedAt: number
}

/**
 * The accounts that failed on one model, one after another, without a verdict on any of them. When one of them serves
 * again, the upstream is back for all, so none has to wait out its own cooldown. A success of an account that did not
 * fail shows nothing: of fifty keys one may be good.
 */
export class ModelStorm<Account extends object> {
  readonly #members = new Map<Account, Member>()
  #quietUntil = Number.NEGATIVE_INFINITY

  /** The account has a cooldown that others may end. */
  failed(account: Account, now: number): void {
    const liftedAt = this.#members.get(account)?.liftedAt ?? Number.NEGATIVE_INFINITY
    this.#members.set(account, { since: now, liftedAt })
  }

  /** The account serves again. */
  forget(account: Account): void {
    if (this.#members.size > 0) this.#members.delete(account)
  }

  /** A call of the account that began at `startedAt` succeeded. Returns those whose cooldowns it ends; null for none. */
  succeeded(account: Account, startedAt: number, now: number): Account[] | null {
    if (this.#members.size < 2) return null
    const own = this.#members.get(account)
    if (own === undefined || startedAt <= own.since) return null
    // A clock that was set back must not keep the accounts away.
    if (now < this.#quietUntil && this.#quietUntil <= now + quietMs) return null
    const lifted: Account[] = []
    for (const [other, member] of this.#members) {
      const { since, liftedAt } = member
      const isRecent = now - liftedAt < liftEveryMs && liftedAt <= now
      if (other === account || startedAt <= since || isRecent) continue
      lifted.push(other)
      member.liftedAt = now
    }
    if (lifted.length === 0) this.#quietUntil = now + quietMs
    return lifted.length === 0 ? null : lifted
  }
}
