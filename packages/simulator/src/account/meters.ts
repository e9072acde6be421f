import { type Limits, type MeteredUnit, type MeterName, meterFacts, meterNames } from './limits.js'
import { createWindow, type Slot, type Window, type WindowKind } from './window.js'

export type Demand = Readonly<Record<MeteredUnit, number>>

/** A meter that would overflow. */
export interface Overflow {
  meter: MeterName
  limit: number
  /** Milliseconds until the oldest counted amount leaves the window. */
  resetMs: number
}

/** Tokens that were counted at admission, and are corrected once the actual number is known. */
export type TokenReservation = readonly { window: Window; slot: Slot }[]

/** The meters of one account for one model. */
export class MeterSet {
  readonly #windows: Partial<Record<MeterName, Window>> = {}
  readonly #kind: WindowKind

  constructor(kind: WindowKind) {
    this.#kind = kind
  }

  /** Returns the first meter that the demand would exceed. A token meter is also full when it has reached its limit. */
  overflow(limits: Limits, demand: Demand, now: number): Overflow | undefined {
    for (const meter of meterNames) {
      const limit = limits[meter]
      if (limit === undefined) continue
      const { unit } = meterFacts[meter]
      const window = this.#window(meter)
      const used = window.total(now)
      if (used + demand[unit] > limit || (unit === 'tokens' && used >= limit)) {
        return { meter, limit, resetMs: window.resetMs(now) }
      }
    }
    return undefined
  }

  count(limits: Limits, demand: Demand, now: number): TokenReservation {
    const reservation: { window: Window; slot: Slot }[] = []
    for (const meter of meterNames) {
      if (limits[meter] === undefined) continue
      const { unit } = meterFacts[meter]
      if (demand[unit] === 0) continue
      const window = this.#window(meter)
      const slot = window.add(demand[unit], now)
      if (unit === 'tokens') reservation.push({ window, slot })
    }
    return reservation
  }

  /** Returns the remaining amount of a meter; undefined if it has no limit. */
  remaining(limits: Limits, meter: MeterName, now: number): { left: number; resetMs: number } | undefined {
    const limit = limits[meter]
    if (limit === undefined) return undefined
    const window = this.#window(meter)
    return { left: Math.max(0, limit - window.total(now)), resetMs: window.resetMs(now) }
  }

  #window(meter: MeterName): Window {
    const existing = this.#windows[meter]
    if (existing !== undefined) return existing
    const created = createWindow(this.#kind, meterFacts[meter].lengthMs)
    this.#windows[meter] = created
    return created
  }
}
