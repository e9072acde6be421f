import { expect, test } from 'vitest'
import { readSettings } from './settings.mjs'

const known = ['floor', 'proxy']

test('readSettings without arguments selects every bench, with five rounds of three seconds', () => {
  expect(readSettings([], known)).toEqual({
    benches: known,
    rounds: 5,
    seconds: 3,
    streams: [400, 2000],
    soakSeconds: 300,
    rivals: null,
  })
})

test('readSettings reads names and numbers', () => {
  const args = [
    'floor',
    '--rounds',
    '7',
    '--seconds',
    '2',
    '--streams',
    '100',
    '--soak-seconds',
    '20',
    '--rivals',
    'floor,sfpool node',
  ]
  expect(readSettings(args, known)).toEqual({
    benches: ['floor'],
    rounds: 7,
    seconds: 2,
    streams: [100],
    soakSeconds: 20,
    rivals: ['floor', 'sfpool node'],
  })
})

test.each([
  [['flor'], 'a bench is one of floor, proxy: received flor'],
  [['--rounds', '0'], '--rounds must be a whole number above 0: received 0'],
  [['--round', '3'], "Unknown option '--round'"],
  [['--soak-seconds', '1.5'], '--soak-seconds must be a whole number above 0: received 1.5'],
  [['--streams', '4,x'], '--streams must be a whole number above 0: received x'],
])('readSettings refuses %j with option, rule and value', (args, message) => {
  expect(() => readSettings(args, known)).toThrow(message)
})
