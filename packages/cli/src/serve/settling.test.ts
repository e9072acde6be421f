import { expect, it } from 'vitest'
import { Settling } from './settling.js'

it('a file that stays as it is has not changed', () => {
  const settling = new Settling()
  expect(['a', 'a', 'a'].map((each) => settling.isChanged(each))).toEqual([false, false, false])
})

it('a file that was replaced at once has settled at the second look', () => {
  const settling = new Settling()
  settling.isChanged('old')
  expect(settling.isChanged('new')).toBe(true)
  expect(settling.isSettled('new')).toBe(true)
  expect(settling.isChanged('new')).toBe(false)
})

it('a file that grows is not read before it stops growing', () => {
  const settling = new Settling()
  settling.isChanged('0')
  expect(settling.isChanged('1')).toBe(true)
  expect(['2', '3'].map((each) => settling.isSettled(each))).toEqual([false, false])
  expect(settling.isChanged('4')).toBe(true)
  expect([settling.isSettled('5'), settling.isSettled('5')]).toEqual([false, true])
})

it('a file that vanished and came back as it was is read again', () => {
  const settling = new Settling()
  settling.isChanged('old')
  expect(settling.isChanged('missing')).toBe(true)
  expect(settling.isSettled('missing')).toBe(true)
  expect(settling.isChanged('old')).toBe(true)
  expect(settling.isSettled('old')).toBe(true)
})
