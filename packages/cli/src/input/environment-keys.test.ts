import { expect, it } from 'vitest'
import { environmentKeys } from './environment-keys.js'

it('environmentKeys reads the plain variable and the numbered ones in the order of their numbers', () => {
  const found = environmentKeys({
    SILICONFLOW_API_KEY_10: 'ten',
    SILICONFLOW_API_KEY_2: ' two ',
    SILICONFLOW_API_KEY: 'plain',
    SILICONFLOW_API_KEY_X: 'no number',
    SILICONFLOW_BASE_URL: 'http://127.0.0.1',
  })
  expect(found).toEqual([
    { secret: 'plain', label: 'SILICONFLOW_API_KEY' },
    { secret: 'two', label: 'SILICONFLOW_API_KEY_2' },
    { secret: 'ten', label: 'SILICONFLOW_API_KEY_10' },
  ])
})

it('environmentKeys returns a repeated key once and ignores empty variables', () => {
  const found = environmentKeys({
    SILICONFLOW_API_KEY_1: 'same',
    SILICONFLOW_API_KEY_2: 'same',
    SILICONFLOW_API_KEY_3: '',
  })
  expect(found).toEqual([{ secret: 'same', label: 'SILICONFLOW_API_KEY_1' }])
})
