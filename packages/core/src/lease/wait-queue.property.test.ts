import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fakeRuntime } from '../testing/fake-runtime.js'
import { sized } from '../testing/sized.js'
import type { Release } from './queue-lane.js'
import { WaitQueue } from './wait-queue.js'

interface Asked {
  readonly model: string
  readonly number: number
  served: number
}

interface Refused extends Release {
  readonly refused: true
}

const models = ['a', 'b', 'c'] as const
const limit = 8
const model = fc.constantFrom(...models)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), model, waitMs: fc.nat(3_000) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('release' as const), model, places: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      model,
      inMs: fc.nat(4_000),
      isBusy: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), lengthMs: fc.nat(1_500) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A counter with places, a queue before it, and everything known that must hold of them. */
class World {
  readonly runtime = fakeRuntime()
  readonly places = new Map<string, number>()
  readonly releases = new Map<string, Release>()
  readonly queue = new WaitQueue<Asked, { kind: 'place'; place: string }, Refused>({
    serve: (asked) => this.#serve(asked),
    whenFull: (refusal) => refusal,
    runtime: this.runtime,
    limit,
  })
  readonly #leaves: (() => void)[] = []
  /** Numbers of those who were served, by model. */
  readonly #order = new Map<string, number[]>(models.map((each) => [each, []]))
  readonly #all: Asked[] = []
  readonly #answers = new Map<number, { isServed: boolean; at: number; deadlineAt: number }>()
  #answered = 0

  play(step: Step): void {
    switch (step.do) {
      case 'arrive':
        return this.#arrive(step.model, step.waitMs)
      case 'release':
        this.places.set(step.model, (this.places.get(step.model) ?? 0) + step.places)
        return this.queue.wake(step.model)
      case 'leave':
        return this.#leaves[step.which % Math.max(this.#leaves.length, 1)]?.()
      case 'pass':
        this.releases.set(step.model, {
          kind: 'refusal',
          freeAt: this.runtime.now() + step.inMs,
          isBusy: step.isBusy,
        })
        return this.queue.wake(step.model)
      case 'wait':
        return this.runtime.advance(step.lengthMs)
      case 'wake':
        return this.queue.wake()
    }
  }

  #arrive(model: string, waitMs: number): void {
    const asked: Asked = { model, number: this.#all.length, served: 0 }
    this.#all.push(asked)
    const deadlineAt = this.runtime.monotonic() + waitMs
    const answer = this.queue.enqueue(asked, {
      deadlineAt,
      onAbort: (leave) => void this.#leaves.push(leave),
    })
    const note = (given: { kind: 'place'; place: string } | Refused): void => {
      this.#answered++
      expect(this.#answers.has(asked.number)).toBe(false)
      this.#answers.set(asked.number, {
        isServed: 'place' in given,
        at: this.runtime.monotonic(),
        deadlineAt,
      })
    }
    if (answer instanceof Promise) void answer.then(note)
    else note(answer)
  }

  #serve(asked: Asked): { kind: 'place'; place: string } | Refused {
    expect(asked.served).toBe(0)
    const { model } = asked
    const places = this.places.get(model) ?? 0
    const release = this.releases.get(model) ?? {
      kind: 'refusal',
      freeAt: Number.POSITIVE_INFINITY,
      isBusy: true,
    }
    if (places === 0) return { refused: true, ...release }
    this.places.set(model, places - 1)
    asked.served++
    this.#order.get(model)?.push(asked.number)
    return { kind: 'place', place: model }
  }

  check(): void {
    expect(this.queue.size).toBeLessThanOrEqual(limit)
    expect(this.runtime.timerCount).toBeLessThanOrEqual(this.queue.size === 0 ? 0 : 1)
    expect(this.#answered + this.queue.size).toBe(this.#all.length)
    for (const order of this.#order.values()) {
      expect(order).toEqual(order.toSorted((one, other) => one - other))
    }
    // A place that stays free while a request waits for it is a place lost.
    for (const model of models)
      expect(this.queue.hasWaiting(model) && (this.places.get(model) ?? 0) > 0).toBe(false)
  }

  checkAnswers(): void {
    expect(this.queue.size).toBe(0)
    expect(this.runtime.timerCount).toBe(0)
    expect(this.#answers.size).toBe(this.#all.length)
    for (const { number, served } of this.#all) expect(this.#answers.get(number)?.isServed).toBe(served === 1)
  }

  checkPunctual(): void {
    for (const { at, deadlineAt } of this.#answers.values()) expect(at).toBeLessThanOrEqual(deadlineAt)
  }
}

it('answers every request once and in time, serves none twice and in order, and leaves no place unused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100, size: 'max' }), async (steps) => {
      const world = new World()
      for (const each of steps) {
        if (each.do === 'wait') await world.runtime.advanceAsync(each.lengthMs)
        else world.play(each)
        // Promises have their turn, as they have between two events of a server.
        await Promise.resolve()
        await Promise.resolve()
        world.check()
      }
      await world.runtime.advanceAsync(10_000)
      world.checkAnswers()
      world.checkPunctual()
    }),
    { seed: 20_260_901, numRuns: sized(60, 300) },
  )
})

it('answers everybody when it is closed, wherever they stand', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World()
      for (const each of steps) world.play(each)
      world.queue.close({
        kind: 'refusal' as const,
        refused: true,
        freeAt: Number.POSITIVE_INFINITY,
        isBusy: false,
      })
      await Promise.resolve()
      await Promise.resolve()
      world.checkAnswers()
    }),
    { seed: 20_260_901, numRuns: sized(60, 200) },
  )
})
