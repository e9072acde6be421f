import { expect, test } from 'vitest'
import { describeJourney } from './describe-journey.mjs'

const entries = (...files: string[]) => files.map((file) => ({ file, name: 'run' }))

test('an entry into another room is a move, one into a room entered earlier also a return', () => {
  const journey = describeJourney(
    entries('core/pool.ts', 'core/relay/failover.ts', 'core/relay/attempt/attempt.ts', 'core/pool.ts'),
  )
  expect(journey).toMatchObject({ files: 3, calls: 4, rooms: 2, moves: 2, returns: 1 })
})

test('gateway and server-adapters are one room each', () => {
  const journey = describeJourney(
    entries('server-adapters/node.ts', 'gateway/gateway.ts', 'gateway/http/target.ts', 'core/pool.ts'),
  )
  expect(journey).toMatchObject({ rooms: 3, moves: 2, returns: 0 })
})

test('rooms that every other room uses make no move, on the way there or back', () => {
  const journey = describeJourney(
    entries(
      'core/runtime.ts',
      'core/pool.ts',
      'core/runtime/alarm-clock.ts',
      'core/errors.ts',
      'core/pool.ts',
    ),
  )
  expect(journey).toMatchObject({ files: 4, calls: 5, rooms: 1, moves: 0, returns: 0 })
})

test('entries in a row into one file make one step with all their names', () => {
  const { steps } = describeJourney([
    { file: 'core/pool.ts', name: 'KeyPool.relay' },
    { file: 'core/keyring.ts', name: 'Keyring.take' },
    { file: 'core/keyring.ts', name: 'Keyring.count' },
    { file: 'core/mask.ts', name: 'mask' },
  ])
  expect(steps).toEqual([
    { file: 'core/pool.ts', room: 'core/pool', move: 0, names: ['KeyPool.relay'] },
    { file: 'core/keyring.ts', room: 'core/keyring', move: 1, names: ['Keyring.take', 'Keyring.count'] },
    { file: 'core/mask.ts', room: null, move: 1, names: ['mask'] },
  ])
})
