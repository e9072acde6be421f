import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createHome } from '../testing/run-cli.js'
import { readText } from './read-text.js'

const text = 'a-secret-of-a-test\r\n# Schlüssel 密钥\n'
const little = Buffer.from(text, 'utf16le')
const big = Buffer.from(little).swap16()

it.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16LE with a byte order mark', Buffer.concat([Buffer.of(0xff, 0xfe), little])],
  ['UTF-16BE with a byte order mark', Buffer.concat([Buffer.of(0xfe, 0xff), big])],
  ['UTF-16LE without one', little],
  ['UTF-16BE without one', big],
])('a small file is read in %s', async (_, bytes) => {
  using home = createHome()
  writeFileSync(home.path('file'), bytes)
  expect(await readText(home.path('file'))).toBe(text)
})

it('a small file in another encoding is refused', async () => {
  using home = createHome()
  writeFileSync(home.path('file'), Buffer.of(0xc3, 0xdc, 0xd4, 0xbf))
  await expect(readText(home.path('file'))).rejects.toThrow(
    'it is neither UTF-8 nor UTF-16; save it as UTF-8',
  )
})

it('a file above the given limit is refused', async () => {
  using home = createHome()
  writeFileSync(home.path('file'), 'x'.repeat(2_000))
  await expect(readText(home.path('file'), 1_024)).rejects.toThrow('more than the 1 KB that are read')
})
