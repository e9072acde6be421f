import { describe, expect, it } from 'vitest'
import { generateSecretText, secretOfText } from './master-secret.js'
import { isWhole, sealWith, unsealWith } from './seal-record.js'
import { createSealer } from './sealer.js'

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const sealer = createSealer(bytes(1), bytes(2))

describe('a sealer', () => {
  it.each(['', 'sk-fake', 'ключ 钥匙 🔑', 'x'.repeat(5_000)])(
    'a sealed text opens again at its place: %j',
    (text) => {
      const sealed = sealer.seal('key_a', text)
      expect(sealer.open('key_a', sealed)).toBe(text)
      expect(sealed).not.toContain('sk-fake')
    },
  )

  it('a sealed text does not open at another place', () => {
    expect(sealer.open('key_b', sealer.seal('key_a', 'sk-fake'))).toBeUndefined()
  })

  it('a sealed text in which any bit was changed does not open', () => {
    const whole = Buffer.from(sealer.seal('key_a', 'sk-fake'), 'base64')
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const changed = Buffer.from(whole)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(sealer.open('key_a', changed.toString('base64'))).toBeUndefined()
    }
  })

  it('a sealed text that was cut off does not open', () => {
    const whole = Buffer.from(sealer.seal('key_a', 'sk-fake'), 'base64')
    for (let length = 0; length < whole.length; length++) {
      expect(sealer.open('key_a', whole.subarray(0, length).toString('base64'))).toBeUndefined()
    }
  })

  it('a sealed text does not open under another secret, nor with another salt', () => {
    const sealed = sealer.seal('key_a', 'sk-fake')
    expect(createSealer(bytes(3), bytes(2)).open('key_a', sealed)).toBeUndefined()
    expect(createSealer(bytes(1), bytes(3)).open('key_a', sealed)).toBeUndefined()
    expect(createSealer(bytes(1), bytes(2)).open('key_a', sealed)).toBe('sk-fake')
  })

  it('a text is sealed differently each time, and has one fingerprint', () => {
    const sealed = Array.from({ length: 1_000 }, () => sealer.seal('key_a', 'sk-fake'))
    expect(new Set(sealed).size).toBe(1_000)
    expect(sealer.fingerprint('sk-fake')).toBe(createSealer(bytes(1), bytes(2)).fingerprint('sk-fake'))
    expect(sealer.fingerprint('sk-fake')).not.toBe(sealer.fingerprint('sk-fakf'))
    expect(sealer.fingerprint('sk-fake')).not.toBe(createSealer(bytes(3), bytes(2)).fingerprint('sk-fake'))
  })
})

describe('the record of a seal', () => {
  const secretOf = (text: string) => secretOfText(text) ?? { bytes: new Uint8Array(), isRandom: false }

  it('a record opens with its own secret only, whatever blanks are around it', async () => {
    const { record, sealer: own } = await sealWith(secretOf('a passphrase'))
    const again = await unsealWith(secretOf('\ta passphrase \r\n'), record)
    expect(again?.open('key_a', own.seal('key_a', 'sk-fake'))).toBe('sk-fake')
    expect(await unsealWith(secretOf('another passphrase'), record)).toBeUndefined()
  })

  it('a passphrase is stretched by scrypt, a random secret is not', async () => {
    expect((await sealWith(secretOf('a passphrase'))).record.derivation).toBe('scrypt:15:8:1')
    expect((await sealWith(secretOf(generateSecretText()))).record.derivation).toBe('hkdf')
  })

  it('two seals with one secret share neither salt nor name', async () => {
    const secret = secretOf(generateSecretText())
    const [one, other] = [await sealWith(secret), await sealWith(secret)]
    expect(one.record.salt).not.toBe(other.record.salt)
    expect(one.record.name).not.toBe(other.record.name)
  })

  it('a record in which any part was changed is not whole', async () => {
    const { record } = await sealWith(secretOf(generateSecretText()))
    expect(isWhole(record)).toBe(true)
    for (const name of ['salt', 'derivation', 'name', 'constant', 'sum'] as const) {
      expect(isWhole({ ...record, [name]: `${record[name]}x` })).toBe(false)
    }
  })

  it('blanks alone are no secret', () => {
    expect(secretOfText(' \r\n\t')).toBeUndefined()
  })
})
