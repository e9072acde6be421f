import { expect, test } from 'vitest'
import { describeJourney } from './describe-journey.mjs'
import { renderJourney } from './render-journey.mjs'

test('a journey is written as its figures and a line per step, with names in a row counted', () => {
  const journey = describeJourney([
    { file: 'core/pool.ts', name: 'KeyPool.relay' },
    { file: 'core/mask.ts', name: 'mask' },
    { file: 'core/key/key.ts', name: 'read' },
    { file: 'core/key/key.ts', name: 'read' },
    { file: 'core/key/key.ts', name: 'write' },
  ])
  expect(renderJourney('one request', { ...journey, alike: '5 of 5' })).toBe(`one request
---------------------------  ------
files                             3
calls                             5
rooms                             2
moves                             1
returns                           0
requests that went this way  5 of 5

   0  core/pool.ts     KeyPool.relay
      core/mask.ts     mask
   1  core/key/key.ts  read ×2, write`)
})
