import { createHash, randomBytes, scrypt } from 'node:crypto'
import type { MasterSecret } from './master-secret.js'
import { createSealer, type Sealer } from './sealer.js'

/** What a store keeps to recognise its secret. Nothing in it is secret. */
export interface SealRecord {
  readonly salt: string
  /** How the secret becomes a key: `hkdf` for random secrets, `scrypt:15:8:1` (2^15, r, p) for passphrases. */
  readonly derivation: string
  /** The name of the secret, as `Sealer.name`. */
  readonly name: string
  /** A known text, sealed: it tells a wrong secret from a damaged store. */
  readonly constant: string
  /** A checksum of all the above, which tells a damaged record from a wrong secret. */
  readonly sum: string
}

/** 32 MB and a tenth of a second: what each command of the command line can bear. */
const scryptDerivation = 'scrypt:15:8:1'
const place = 'sfpool seal record'
const knownText = 'sfpool: this opens with the right secret'

/** Makes the record of a new seal, and the sealer that belongs to it. */
export async function sealWith(secret: MasterSecret): Promise<{ record: SealRecord; sealer: Sealer }> {
  const salt = randomBytes(16).toString('base64')
  const derivation = secret.isRandom ? 'hkdf' : scryptDerivation
  const sealer = await derive(secret, { salt, derivation })
  const unsummed = { salt, derivation, name: sealer.name, constant: sealer.seal(place, knownText) }
  return { sealer, record: { ...unsummed, sum: sumOf(unsummed) } }
}

/** The sealer of a record; undefined when the secret is not the one that it was made with. */
export async function unsealWith(secret: MasterSecret, record: SealRecord): Promise<Sealer | undefined> {
  const sealer = await derive(secret, record)
  return sealer.open(place, record.constant) === knownText ? sealer : undefined
}

/** Whether a record is as it was written. */
export function isWhole(record: SealRecord): boolean {
  return record.sum === sumOf(record) && (record.derivation === 'hkdf' || scryptCost(record) !== undefined)
}

function sumOf({ salt, derivation, name, constant }: Omit<SealRecord, 'sum'>): string {
  return createHash('sha256')
    .update(JSON.stringify([salt, derivation, name, constant]))
    .digest('base64')
}

async function derive(
  { bytes }: MasterSecret,
  record: Pick<SealRecord, 'salt' | 'derivation'>,
): Promise<Sealer> {
  const salt = Buffer.from(record.salt, 'base64')
  const cost = scryptCost(record)
  return createSealer(cost === undefined ? bytes : await stretch(bytes, salt, cost), salt)
}

type ScryptCost = { readonly N: number; readonly r: number; readonly p: number }

function scryptCost({ derivation }: Pick<SealRecord, 'derivation'>): ScryptCost | undefined {
  const [, log2 = '', r = '', p = ''] = /^scrypt:(1\d|20):(\d{1,2}):(\d)$/.exec(derivation) ?? []
  return log2 === '' ? undefined : { N: 2 ** Number(log2), r: Number(r), p: Number(p) }
}

function stretch(bytes: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Buffer> {
  const maxmem = 256 * cost.N * cost.r
  return new Promise((resolve, reject) => {
    scrypt(bytes, salt, 32, { ...cost, maxmem }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
