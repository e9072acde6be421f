import { expect, test } from 'vitest'
import { interleave } from './rounds.mjs'

test('interleave measures every rival once per round, and each round starts with another rival', async () => {
  const order: string[] = []
  const samples = await interleave({
    rivals: ['a', 'b', 'c'],
    rounds: 3,
    measure: async (rival: string, round: number) => {
      order.push(rival)
      return `${rival}${round}`
    },
  })
  expect(order.join('')).toBe('abcbcacab')
  expect([...samples]).toEqual([
    ['a', ['a0', 'a1', 'a2']],
    ['b', ['b0', 'b1', 'b2']],
    ['c', ['c0', 'c1', 'c2']],
  ])
})
