import { expect, test } from 'vitest'
import { transpile } from './mark-entries.mjs'

const probe = '__enteredInTest'

/** Runs a module whose functions are marked, and answers what was entered and what it exports. */
async function run(text: string) {
  const entered: string[] = []
  Object.assign(globalThis, { [probe]: (file: string, name: string) => entered.push(`${file} ${name}`) })
  const source = transpile(text, { file: 'core/a.ts', probe })
  const url = `data:text/javascript,${encodeURIComponent(source)}`
  const exported: Record<string, unknown> = await import(/* @vite-ignore */ url)
  return { entered, exported }
}

test('functions, arrows, methods and constructors are named as they are entered, in that order', async () => {
  const { entered } = await run(`
    class Base { constructor(readonly_: number) {} }
    class Key extends Base {
      readonly onUse = () => this.use()
      constructor() { super(1); this.use() }
      use(): void { this.#count() }
      #count(): void {}
      static parse(text: string): Key { return new Key() }
    }
    function start(): void { Key.parse('a').onUse() }
    const parts = { onEnd: (): void => {}, 'a-name'() {} }
    start()
    parts.onEnd()
    parts['a-name']()
  `)
  expect(entered.map((entry) => entry.replace('core/a.ts ', ''))).toEqual([
    'start',
    'Key.parse',
    'Key.constructor',
    'Base.constructor',
    'Key.use',
    'Key.#count',
    'Key.onUse',
    'Key.use',
    'Key.#count',
    'onEnd',
    'a-name',
  ])
})

test('a function without a name is a callback of the function around it', async () => {
  const { entered } = await run(`
    class Pool { listen(): void { [1].forEach(() => {}) } }
    new Pool().listen()
    ;[1].forEach(() => {})
  `)
  expect(entered).toEqual([
    'core/a.ts Pool.listen',
    'core/a.ts callback of Pool.listen',
    'core/a.ts callback of the module',
  ])
})

test('marked functions return what they returned before', async () => {
  const { exported } = await run(`
    const double = (amount: number) => amount * 2
    const wrap = (amount: number) => ({ amount })
    export const result = [wrap(double(2)), [1, 2].map((each) => double(each))]
    export const later = (async () => double(4))()
  `)
  expect(exported.result).toEqual([{ amount: 4 }, [2, 4]])
  expect(await exported.later).toBe(8)
})

test('reading a property through an accessor is no entry', async () => {
  const { entered, exported } = await run(`
    class Key { get id(): number { return 7 } set id(value: number) {} }
    const key = new Key()
    key.id = 8
    export const id = key.id
  `)
  expect({ entered, id: exported.id }).toEqual({ entered: [], id: 7 })
})

test('a module without marks is only made runnable', () => {
  const source = transpile('export const add = (a: number, b: number): number => a + b')
  expect(source).toContain('export const add = (a, b) => a + b')
})
