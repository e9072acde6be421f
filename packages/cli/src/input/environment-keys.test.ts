import { describe, expect, it } from 'vitest'
import { testKey } from '../testing/test-key.js'
import { environmentKeys } from './environment-keys.js'

const [a, b, c] = [testKey('one'), testKey('two'), testKey('three')]

it('environmentKeys reads the plain variable and the numbered ones in the order of their numbers', () => {
  const found = environmentKeys({
    SILICONFLOW_API_KEY_10: c,
    SILICONFLOW_API_KEY_2: ` ${b} `,
    SILICONFLOW_API_KEY: a,
    SILICONFLOW_API_KEY_X: 'no number',
    SILICONFLOW_BASE_URL: 'http://127.0.0.1',
  })
  expect(found).toEqual([
    { secret: a, label: 'SILICONFLOW_API_KEY' },
    { secret: b, label: 'SILICONFLOW_API_KEY_2' },
    { secret: c, label: 'SILICONFLOW_API_KEY_10' },
  ])
})

it('environmentKeys returns a repeated key once', () => {
  const found = environmentKeys({ SILICONFLOW_API_KEY_1: a, SILICONFLOW_API_KEY_2: a })
  expect(found).toEqual([{ secret: a, label: 'SILICONFLOW_API_KEY_1' }])
})

describe('a value as .env and compose files hold it', () => {
  it.each([
    ['commas', `${a},${b}`],
    ['a comma at the end', `${a},${b},`],
    ['spaces', `${a} ${b}`],
    ['commas and spaces', ` ${a} , ${b} `],
    ['semicolons', `${a};${b};`],
    ['lines', `${a}\n${b}\n`],
    ['lines of Windows', `${a}\r\n${b}\r\n`],
    ['line breaks that are written out', `${a}\\n${b}\\n`],
    ['full-width commas', `${a}，${b}`],
    ['double quotes', `"${a},${b}"`],
    ['single quotes', `'${a}','${b}'`],
    ['typographic quotes', `“${a}”,“${b}”`],
    ['a comment behind', `${a},${b} # the keys of the team, sk-old`],
    ['comments of lines', `# first\n${a} # one\n${b}`],
    ['export in front', `export SILICONFLOW_API_KEY=${a},${b}`],
    ['a name in front', `SILICONFLOW_API_KEY="${a},${b}"`],
    ['a list in JSON', `["${a}", "${b}"]`],
    ['a list in YAML', `- ${a}\n- ${b}`],
    ['an object in JSON', `{"first": "${a}", "second": {"key": "${b}"}}`],
    ['an invisible character', `\ufeff${a},\u200b${b}`],
  ])('keys are found in a value with %s, and labelled one by one', (_, value) => {
    expect(environmentKeys({ SILICONFLOW_API_KEY: value })).toEqual([
      { secret: a, label: 'SILICONFLOW_API_KEY #1' },
      { secret: b, label: 'SILICONFLOW_API_KEY #2' },
    ])
  })

  it.each(['', ' ', '""', "''", ' "" ', ',', '# none yet', '\n'])(
    'the value %j holds no key, and is no fault',
    (value) => {
      expect(environmentKeys({ SILICONFLOW_API_KEY: value })).toEqual([])
    },
  )

  it.each([
    'oops',
    `${a}, oops`,
    `${a} my-other-key`,
    `${a},$SECOND`,
    'sk-short',
    `${a},sk-short`,
    `${a} ${'x'.repeat(5_000)}`,
    'sk-ab…wxyz',
    '你好',
    '$OTHER',
    '***',
    '12.5',
  ])('the value %j is refused by the name of its variable, and is not repeated', (value) => {
    expect(() => environmentKeys({ SILICONFLOW_API_KEY_7: value })).toThrow(
      /^SILICONFLOW_API_KEY_7 holds something that is not an API key$/,
    )
  })

  it('the line of a value that holds no key is named', () => {
    expect(() => environmentKeys({ SILICONFLOW_API_KEY: `${a}\noops\n${b}` })).toThrow(/, in line 2 of it$/)
  })
})
