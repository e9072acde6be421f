import { expect, test } from 'vitest'
import { replyBody, requestBody } from '../fixtures/chat.mjs'
import { findTool, hasTool } from '../measure/tools.mjs'
import { allEntrants, withLineup } from './lineup.mjs'

const canPin = process.platform === 'linux' && hasTool('taskset')

test.runIf(canPin)(
  'direct, floor and nginx return the same bytes, and a missing one is reported with the reason',
  async () => {
    const names = ['direct', 'floor', 'nginx']
    await withLineup(names, async ({ rivals, skipped }) => {
      for (const { url, headers } of rivals) {
        const answer = await fetch(url, { method: 'POST', headers: { ...headers }, body: requestBody })
        expect(Buffer.from(await answer.arrayBuffer()).equals(replyBody)).toBe(true)
      }
      const present = rivals.map(({ name }) => name)
      expect([...present, ...skipped.map((text) => text.split(' ')[0])].toSorted()).toEqual(names)
      if (skipped.length > 0) expect(() => findTool('nginx')).toThrow('nginx-light')
    })
  },
)

test('withLineup refuses an unknown rival before it starts anything', async () => {
  const refused = withLineup(['floor', 'sfpool'], async () => {})
  await expect(refused).rejects.toThrow('received sfpool')
})

test('every rival has a unique name', () => {
  expect(new Set(allEntrants.map(({ name }) => name)).size).toBe(allEntrants.length)
})
