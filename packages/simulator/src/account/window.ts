/** A counted amount that may still be corrected. */
export interface Slot {
  readonly at: number
  amount: number
}

/** Counts amounts over the last `lengthMs`. */
export interface Window {
  add(amount: number, now: number): Slot
  /** Corrects an amount where it was counted, unless it has left the window. */
  amend(slot: Slot, difference: number, now: number): void
  total(now: number): number
  /** Milliseconds until the next amount leaves the window; 0 when the window is empty. */
  resetMs(now: number): number
}

export type WindowKind = 'sliding' | 'fixed'

export function createWindow(kind: WindowKind, lengthMs: number): Window {
  return kind === 'fixed' ? createFixedWindow(lengthMs) : createSlidingWindow(lengthMs)
}

/** Creates a window that starts again at every multiple of `lengthMs`, as a calendar minute does. */
function createFixedWindow(lengthMs: number): Window {
  let startedAt = Number.NEGATIVE_INFINITY
  let sum = 0
  const roll = (now: number): void => {
    const current = now - (now % lengthMs)
    if (current === startedAt) return
    startedAt = current
    sum = 0
  }
  return {
    add(amount, now) {
      roll(now)
      sum += amount
      return { at: startedAt, amount }
    },
    amend(slot, difference, now) {
      roll(now)
      if (slot.at === startedAt) sum += difference
    },
    total(now) {
      roll(now)
      return sum
    },
    resetMs: (now) => lengthMs - (now % lengthMs),
  }
}

/** Creates a window that drops each amount after `lengthMs`. Amounts close together share a slot, which bounds memory. */
function createSlidingWindow(lengthMs: number): Window {
  const grainMs = lengthMs / 6000
  let slots: Slot[] = []
  let first = 0
  let sum = 0
  const expire = (now: number): void => {
    for (let slot = slots[first]; slot !== undefined && slot.at + lengthMs <= now; slot = slots[first]) {
      sum -= slot.amount
      first += 1
    }
    if (first < 1024 || first * 2 < slots.length) return
    slots = slots.slice(first)
    first = 0
  }
  return {
    add(amount, now) {
      expire(now)
      sum += amount
      const last = slots.length > first ? slots[slots.length - 1] : undefined
      if (last !== undefined && now - last.at < grainMs) {
        last.amount += amount
        return last
      }
      const slot = { at: now, amount }
      slots.push(slot)
      return slot
    },
    amend(slot, difference, now) {
      expire(now)
      if (slot.at + lengthMs <= now) return
      slot.amount += difference
      sum += difference
    },
    total(now) {
      expire(now)
      return sum
    },
    resetMs(now) {
      expire(now)
      const oldest = slots[first]
      return oldest === undefined ? 0 : oldest.at + lengthMs - now
    },
  }
}
