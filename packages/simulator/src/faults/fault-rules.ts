import {
  type Fault,
  type FaultPhase,
  isModifier,
  type ModifierFault,
  type OutcomeFault,
  phaseOf,
} from './fault.js'
import { type FaultPlan, noFaults } from './fault-plan.js'
import type { FaultRule, FaultRuleInput, FaultSelector, FaultTarget } from './fault-rule.js'

interface Entry {
  readonly order: number
  readonly rule: FaultRule
}

type BucketName = 'key' | 'account' | 'model' | 'path'

/**
 * The active fault rules. Each rule is in the bucket of its narrowest selector, so that a request looks only at the few
 * rules that may match it, however many rules there are.
 */
export class FaultRules {
  readonly #entries = new Map<string, Entry>()
  readonly #buckets: Record<BucketName, Map<string, Entry[]>> = {
    key: new Map(),
    account: new Map(),
    model: new Map(),
    path: new Map(),
  }
  readonly #general: Entry[] = []
  readonly #random: () => number
  readonly #onChange: () => void
  #count = 0

  constructor(random: () => number, onChange: () => void) {
    this.#random = random
    this.#onChange = onChange
  }

  /** Activates a rule and returns its id. */
  add(input: FaultRuleInput): string {
    this.#count += 1
    const id = `fault-${this.#count}`
    const when = normalise(input.when ?? {})
    const rule: FaultRule = { ...structuredClone(input), when, id, matchedCount: 0, appliedCount: 0 }
    const entry = { order: this.#count, rule }
    this.#entries.set(id, entry)
    this.#bucketOf(rule).push(entry)
    this.#onChange()
    return id
  }

  /** Removes a rule. Returns whether it existed. */
  remove(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    this.#entries.delete(id)
    const bucketEntries = this.#bucketOf(entry.rule)
    bucketEntries.splice(bucketEntries.indexOf(entry), 1)
    this.#onChange()
    return true
  }

  clear(): void {
    this.#entries.clear()
    this.#general.length = 0
    for (const bucket of Object.values(this.#buckets)) bucket.clear()
    this.#onChange()
  }

  /** Returns copies of the rules, in the order of their addition. */
  list(): FaultRule[] {
    return [...this.#entries.values()].map(({ rule }) => structuredClone(rule))
  }

  /** Chooses the faults of one request and counts them as applied. At upload, modifiers apply only beside an outcome. */
  plan(target: FaultTarget, phase: 'upload' | 'answer' = 'answer'): FaultPlan {
    if (this.#entries.size === 0) return noFaults
    const candidates = this.#candidates(target).filter(({ rule }) => matches(rule, target))
    const outcome = this.#planOutcome(candidates, phase)
    if (outcome === undefined && phase === 'upload') return noFaults
    const modifiers: ModifierFault[] = []
    const ruleIds = outcome === undefined ? [] : [outcome.id]
    for (const { rule } of candidates) {
      if (!isModifier(rule.fault) || !this.#applies(rule)) continue
      modifiers.push(rule.fault)
      ruleIds.push(rule.id)
    }
    return { outcome: outcome?.fault, modifiers, ruleIds }
  }

  /** Returns the fault of a new connection to the site, if any. */
  planConnection(site: FaultTarget['site']): Fault | undefined {
    if (this.#entries.size === 0) return undefined
    const target: FaultTarget = { site, path: '', method: '' }
    const entry = this.#general.find(
      ({ rule }) => phaseOf(rule.fault) === 'connect' && matches(rule, target) && this.#applies(rule),
    )
    return entry?.rule.fault
  }

  /** Whether a rule makes the site refuse connections. */
  isRefused(site: FaultTarget['site']): boolean {
    return this.#general.some(
      ({ rule: { fault, when } }) => fault.kind === 'refuse' && (when?.site ?? site) === site,
    )
  }

  #planOutcome(
    candidates: readonly Entry[],
    phase: FaultPhase,
  ): { id: string; fault: OutcomeFault } | undefined {
    for (const { rule } of candidates) {
      const { id, fault } = rule
      if (isModifier(fault) || phaseOf(fault) !== phase || !this.#applies(rule)) continue
      return { id, fault }
    }
    return undefined
  }

  #candidates(target: FaultTarget): readonly Entry[] {
    const found: Entry[] = []
    const { key, account, model, path } = this.#buckets
    if (target.key !== undefined) found.push(...(key.get(target.key) ?? []))
    if (target.account !== undefined) found.push(...(account.get(target.account) ?? []))
    if (target.model !== undefined) found.push(...(model.get(target.model) ?? []))
    found.push(...(path.get(target.path) ?? []))
    if (found.length === 0) return this.#general
    found.push(...this.#general)
    return found.sort((left, right) => left.order - right.order)
  }

  /** Counts a matching request and decides whether the rule's fault is applied to it. */
  #applies(rule: FaultRule): boolean {
    rule.matchedCount += 1
    if (rule.matchedCount <= (rule.skip ?? 0)) return false
    if (rule.appliedCount >= (rule.times ?? Number.POSITIVE_INFINITY)) return false
    if (rule.probability !== undefined && this.#random() >= rule.probability) return false
    rule.appliedCount += 1
    return true
  }

  #bucketOf(rule: FaultRule): Entry[] {
    const [selector, value] = narrowest(rule.when ?? {})
    if (selector === undefined) return this.#general
    const bucket = this.#buckets[selector]
    const bucketEntries = bucket.get(value) ?? []
    bucket.set(value, bucketEntries)
    return bucketEntries
  }
}

function narrowest({
  key,
  account,
  model,
  path,
}: FaultSelector): readonly [BucketName, string] | readonly [undefined] {
  if (key !== undefined) return ['key', key]
  if (account !== undefined) return ['account', account]
  if (model !== undefined) return ['model', model]
  if (path !== undefined && !path.endsWith('*')) return ['path', path]
  return [undefined]
}

function normalise(when: FaultSelector): FaultSelector {
  const { path, method } = when
  return {
    ...when,
    ...(path === undefined ? {} : { path: wholePath(path) }),
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
  }
}

/** Normalises a path: `chat/completions`, `/chat/completions` and `/v1/chat/completions` are the same. */
function wholePath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`
  return /^\/v1(\/|$)/.test(rooted) ? rooted : `/v1${rooted}`
}

function matches({ when = {} }: FaultRule, target: FaultTarget): boolean {
  const { key, account, model, site, path, method } = when
  return (
    (key === undefined || key === target.key) &&
    (account === undefined || account === target.account) &&
    (model === undefined || model === target.model) &&
    (site === undefined || site === target.site) &&
    (method === undefined || method === target.method) &&
    (path === undefined || matchesPath(path, target.path))
  )
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}
