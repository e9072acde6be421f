import { expect, test } from 'vitest'
import { readImports } from './read-imports.mjs'

const read = (text: string) =>
  readImports('module.ts', text).map(({ specifier, isType }) => [specifier, isType])

test('readImports lists imports, re-exports, dynamic imports and import types in the order of the text', () => {
  const text = `
    import { a } from './named.js'
    import './for-its-effect.js'
    import * as all from './all.js'
    export { b } from './re-exported.js'
    export * from './everything.js'
    const later = () => import('./later.js')
    let shape: import('./shape.js').Shape
    type Inner = Map<string, import('./inner.js').Inner[]>
  `
  expect(read(text)).toEqual([
    ['./named.js', false],
    ['./for-its-effect.js', false],
    ['./all.js', false],
    ['./re-exported.js', false],
    ['./everything.js', false],
    ['./later.js', false],
    ['./shape.js', true],
    ['./inner.js', true],
  ])
})

test('readImports marks an import as one of types when every name in it is a type', () => {
  const text = `
    import type { A } from './a.js'
    import { type B } from './b.js'
    import { type C, c } from './c.js'
    import d, { type D } from './d.js'
    export type { E } from './e.js'
    export { type F } from './f.js'
    export type * from './g.js'
  `
  expect(read(text)).toEqual([
    ['./a.js', true],
    ['./b.js', true],
    ['./c.js', false],
    ['./d.js', false],
    ['./e.js', true],
    ['./f.js', true],
    ['./g.js', true],
  ])
})

test('readImports takes no import from a comment or a string', () => {
  const text = `
    // import { a } from './comment.js'
    /** {@link import('./doc.js').Doc} */
    const text = "import { b } from './string.js'"
    const exported = text
    export { exported }
  `
  expect(read(text)).toEqual([])
})
