import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import type { Release } from '../queue-lane.js'
import { type EnqueueOptions, WaitQueue } from '../wait-queue.js'

export interface Asked {
  readonly name: string
  readonly model: string
}

export interface Given {
  readonly kind: 'place'
  readonly to: string
}

export interface Refused extends Release {
  readonly why: string
}

/** What stands at the counter: how many can be served, and what the others get. */
export interface Counter {
  /** Places that are free, by model; one is taken with every request that is served. */
  readonly free: Map<string, number>
  /** The refusal when no place is free, by model. @default busy, with no release by the clock */
  readonly releases: Map<string, Release>
}

export interface WaitQueueUnderTest {
  readonly queue: WaitQueue<Asked, Given, Refused>
  readonly runtime: FakeRuntime
  readonly counter: Counter
  /** The requests that `serve` was asked for so far. */
  readonly asked: string[]
  /** What every request got so far, in order: `name: served`, or why not. */
  readonly answered: string[]
  /** Called by `serve` before it answers. */
  onServe: (asked: Asked) => void
  /** Lets a request in; its leave, once it waits. The name's first letter is the model; what it is bound to follows an `@`. */
  enter(name: string, options?: Partial<EnqueueOptions<Refused>> & { readonly waitMs?: number }): () => void
  /** Frees places of a model, and wakes its line. */
  release(model: string, places?: number): void
}

export function waitQueueUnderTest({ limit = 100 }: { limit?: number } = {}): WaitQueueUnderTest {
  const runtime = fakeRuntime()
  const counter: Counter = { free: new Map(), releases: new Map() }
  const asked: string[] = []
  const answered: string[] = []
  const serve = ({ name, model }: Asked): Given | Refused => {
    asked.push(name)
    under.onServe({ name, model })
    const places = counter.free.get(model) ?? 0
    if (places === 0) return { why: `no ${model}`, ...(counter.releases.get(model) ?? busy) }
    counter.free.set(model, places - 1)
    return { kind: 'place', to: name }
  }
  const queue = new WaitQueue<Asked, Given, Refused>({
    serve,
    pinnedTo: ({ name }) => name.split('@')[1] ?? null,
    whenFull: (refusal) => ({ ...refusal, why: 'full' }),
    runtime,
    limit,
  })
  const note = (name: string, answer: Given | Refused): void => {
    if ('to' in answer && answer.to !== name) throw new Error(`${name} got what was given to ${answer.to}`)
    answered.push(`${name}: ${'to' in answer ? 'served' : answer.why}`)
  }
  const under: WaitQueueUnderTest = {
    queue,
    runtime,
    counter,
    asked,
    answered,
    onServe: () => {},
    enter(name, { waitMs = 60_000, ...options } = {}) {
      let leave = (): void => {}
      const answer = queue.enqueue(
        { name, model: name.slice(0, 1) },
        {
          deadlineAt: runtime.monotonic() + waitMs,
          onAbort: (given) => {
            leave = given
          },
          ...options,
        },
      )
      if (answer instanceof Promise) void answer.then((late) => note(name, late))
      else note(name, answer)
      return () => leave()
    },
    release(model, places = 1) {
      counter.free.set(model, (counter.free.get(model) ?? 0) + places)
      queue.wake(model)
    },
  }
  return under
}

export const busy: Release = { kind: 'refusal' as const, freeAt: Number.POSITIVE_INFINITY, isBusy: true }
