import { expect, test } from 'vitest'
import { seededRandom } from '../runtime.js'
import type { FaultTarget } from './fault-rule.js'
import { FaultRules } from './fault-rules.js'

const target: FaultTarget = {
  key: 'sk-a',
  account: 'acme',
  model: 'm',
  site: 'cn',
  path: '/v1/chat/completions',
  method: 'POST',
}
const busy = { kind: 'error', name: 'overloaded' } as const
const unknown = { kind: 'error', name: 'unknown-error' } as const

function rules(): FaultRules {
  return new FaultRules(seededRandom(7), () => {})
}

test('a fault rule matches only if every selector matches', () => {
  const found = rules()
  found.add({
    when: { key: 'sk-a', model: 'm', site: 'cn', method: 'post', path: '/chat/completions' },
    fault: busy,
  })
  expect(found.plan(target).outcome).toEqual(busy)
  for (const other of [
    { key: 'sk-b' },
    { model: 'n' },
    { site: 'com' },
    { method: 'GET' },
    { path: '/v1/models' },
  ]) {
    expect(found.plan({ ...target, ...other } as FaultTarget).outcome).toBeUndefined()
  }
})

test('the path of a fault rule may end with a star', () => {
  const found = rules()
  found.add({ when: { path: '/audio/*' }, fault: busy })
  expect(found.plan({ ...target, path: '/v1/audio/speech' }).outcome).toEqual(busy)
  expect(found.plan(target).outcome).toBeUndefined()
})

test.each(['chat/completions', '/chat/completions', '/v1/chat/completions', '*', 'chat/*'])(
  'the path of a fault rule may be written as %s',
  (path) => {
    const found = rules()
    found.add({ when: { path }, fault: busy })
    expect(found.plan(target).outcome).toEqual(busy)
    expect(found.plan({ ...target, path: '/v1beta/chat/completions' }).outcome).toBeUndefined()
  },
)

test('a fault at upload is applied only there, together with the modifiers', () => {
  const found = rules()
  const early = { ...busy, at: 'upload' } as const
  const cookie = { kind: 'headers', headers: { 'set-cookie': 'a=b' } } as const
  found.add({ fault: cookie })
  expect(found.plan(target, 'upload')).toEqual({ outcome: undefined, modifiers: [], ruleIds: [] })
  found.add({ fault: early, times: 1 })
  found.add({ fault: unknown })
  expect(found.plan(target)).toMatchObject({ outcome: unknown, modifiers: [cookie] })
  expect(found.plan(target, 'upload')).toMatchObject({ outcome: early, modifiers: [cookie] })
  expect(found.plan(target, 'upload').outcome).toBeUndefined()
  expect(found.list().map(({ appliedCount }) => appliedCount)).toEqual([2, 1, 1])
})

test('of several matching outcome faults, the first added is applied', () => {
  const found = rules()
  found.add({ fault: unknown, times: 1 })
  found.add({ when: { key: 'sk-a' }, fault: busy })
  expect(found.plan(target).outcome).toEqual(unknown)
  expect(found.plan(target).outcome).toEqual(busy)
})

test('all matching modifiers are applied, also beside an outcome fault', () => {
  const found = rules()
  const delay = { kind: 'delay', at: 'before-headers', ms: 5 } as const
  const cookie = { kind: 'headers', headers: { 'set-cookie': 'a=b' } } as const
  found.add({ fault: delay })
  found.add({ when: { model: 'm' }, fault: cookie })
  found.add({ when: { account: 'acme' }, fault: busy })
  expect(found.plan(target)).toEqual({
    outcome: busy,
    modifiers: [delay, cookie],
    ruleIds: ['fault-3', 'fault-1', 'fault-2'],
  })
})

test('a fault rule skips the first requests and is applied the given number of times', () => {
  const found = rules()
  found.add({ fault: busy, skip: 2, times: 2 })
  const applied = Array.from({ length: 6 }, () => found.plan(target).outcome !== undefined)
  expect(applied).toEqual([false, false, true, true, false, false])
  expect(found.list()).toMatchObject([{ matchedCount: 6, appliedCount: 2 }])
})

test('a fault rule with a probability is applied about that often, the same in every run', () => {
  const appliedTimes = (): number => {
    const found = rules()
    found.add({ fault: busy, probability: 0.3 })
    return Array.from({ length: 1000 }, () => found.plan(target).outcome).filter(Boolean).length
  }
  expect(appliedTimes()).toBe(appliedTimes())
  expect(appliedTimes()).toBeGreaterThan(250)
  expect(appliedTimes()).toBeLessThan(350)
})

test('a removed fault rule is not applied any more and cannot be removed twice', () => {
  const found = rules()
  const id = found.add({ when: { key: 'sk-a' }, fault: busy })
  expect(found.remove(id)).toBe(true)
  expect(found.remove(id)).toBe(false)
  expect(found.plan(target).outcome).toBeUndefined()
})

test('clear removes fault rules of every kind', () => {
  const found = rules()
  found.add({ when: { key: 'sk-a' }, fault: busy })
  found.add({ when: { path: '/chat/*' }, fault: busy })
  found.clear()
  expect([found.list(), found.plan(target).outcome]).toEqual([[], undefined])
})

test('the caller’s fault rule is copied, and the list returns copies', () => {
  const found = rules()
  const when = { key: 'sk-a' }
  found.add({ when, fault: busy })
  when.key = 'sk-b'
  const [listed] = found.list()
  if (listed !== undefined) listed.times = 0
  expect(found.plan(target).outcome).toEqual(busy)
})

test('ten thousand fault rules for other keys do not slow a request down', () => {
  const found = rules()
  for (let index = 0; index < 10_000; index += 1) found.add({ when: { key: `sk-${index}` }, fault: busy })
  const before = process.cpuUsage().user
  for (let index = 0; index < 10_000; index += 1) found.plan(target)
  const spentMs = (process.cpuUsage().user - before) / 1000
  expect(spentMs).toBeLessThan(500)
})
