import { generateSecretText, type MasterSecret } from '../sealing/master-secret.js'
import { isWhole, type SealRecord, sealWith, unsealWith } from '../sealing/seal-record.js'
import type { Sealer } from '../sealing/sealer.js'
import { secretError } from '../secret/secret-error.js'
import { makeSecretFile, tightenSecretFile } from '../secret/secret-file.js'
import { type SecretSource, secretInFile } from '../secret/secret-source.js'
import { inClear } from './old-forms.js'
import { finishRotation, pendingPath } from './pending-secret.js'
import { markForScrub } from './scrub.js'
import { readSealRecord, sealRows, writeSealRecord } from './seal-rows.js'
import type { SqlSession } from './sql-port.js'
import type { Sealing } from './steps/step.js'
import { refusal } from './store-error.js'
import type { StoreNotice } from './store-notice.js'

export interface SealOptions {
  readonly path: string
  readonly source: SecretSource
  /** Nothing may be changed on disk. */
  readonly readOnly: boolean
  readonly notice: (notice: StoreNotice) => void
}

/** The seal of a store: which secret opens its keys, now and after another process has rotated it. */
export class StoreSeal implements Sealing {
  readonly #options: SealOptions
  #sealedCount = 0
  #known: { readonly record: SealRecord; readonly sealer: Sealer } | null = null

  constructor(options: SealOptions) {
    this.#options = options
  }

  /** Throws when the secret that was given cannot be read, before anything is made for it. */
  checkGiven(): void {
    if (this.#options.source.kind === 'given') this.#options.source.read()
  }

  /** Takes the rights of other users away from the file that was made beside the store, where they can be changed. */
  tightenRights(): void {
    const { source } = this.#options
    if (source.kind === 'beside') tightenSecretFile(source.path)
  }

  /**
   * The sealer of the store as it is in this transaction. Throws when the secret is lost or wrong, or the record of it
   * is damaged.
   */
  async current(session: SqlSession): Promise<Sealer> {
    const record = await readSealRecord(session)
    if (record === undefined || !isWhole(record)) {
      const reason = 'the file is damaged: what tells which secret opens it was changed'
      throw refusal(this.#options.path, `${reason}; put a backup in its place. Nothing was changed`)
    }
    if (this.#known === null || this.#known.record.constant !== record.constant) {
      this.#known = { record, sealer: await this.#unseal(record) }
    }
    return this.#known.sealer
  }

  /** Seals the keys that an earlier version stored in clear, with the secret at hand or a new one. */
  async begin(session: SqlSession, isNew: boolean): Promise<void> {
    const { path } = this.#options
    const { record, sealer } = await sealWith(this.#secretOfNewSeal())
    await writeSealRecord(session, record)
    if (isNew) return
    this.#sealedCount = await sealRows(session, 'secret', { from: inClear, to: sealer, path })
    await session.write(markForScrub)
  }

  /** Tells of the keys that were sealed, once the transaction is over in which they were. */
  tellSealed(): void {
    const count = this.#sealedCount
    this.#sealedCount = 0
    if (count > 0) this.#options.notice({ type: 'keys-sealed', count })
  }

  #secretOfNewSeal(): MasterSecret {
    const { source, notice } = this.#options
    if (source.kind === 'given') return source.read()
    // Durable before the first key is sealed with it.
    if (secretInFile(source.path) === undefined && makeSecretFile(source.path, generateSecretText())) {
      notice({ type: 'secret-made', path: source.path })
    }
    const secret = secretInFile(source.path)
    if (secret === undefined) throw secretError(`${source.path} vanished while it was made; try again`)
    return secret
  }

  async #unseal(record: SealRecord): Promise<Sealer> {
    const { source } = this.#options
    if (source.kind === 'given') {
      const secret = source.read()
      return (await unsealWith(secret, record)) ?? wrong(source.from, record)
    }
    const secret = secretInFile(source.path)
    const sealer = secret === undefined ? undefined : await unsealWith(secret, record)
    if (sealer !== undefined) return sealer
    const rotated = await this.#unsealRotated(source.path, record)
    if (rotated !== undefined) return rotated
    if (secret !== undefined) return wrong(source.path, record)
    throw secretError(
      `its keys are sealed, and the secret is lost: no secret was given, and ${source.path} is missing. ` +
        `Put that file back, or give the secret with the fingerprint ${record.name} (SFPOOL_SECRET, --secret-file; ` +
        'in the library the option secret). Nothing was changed',
    )
  }

  /** Opens with the new secret of a rotation whose process ended before it gave the file its name. */
  async #unsealRotated(secretPath: string, record: SealRecord): Promise<Sealer | undefined> {
    const place = { storePath: this.#options.path, secretPath }
    const pending = secretInFile(pendingPath(place, record.name))
    const sealer = pending === undefined ? undefined : await unsealWith(pending, record)
    if (sealer === undefined) {
      // The process of the rotation may have given it its name between the two looks.
      const again = secretInFile(secretPath)
      return again === undefined ? undefined : unsealWith(again, record)
    }
    if (!this.#options.readOnly) finishRotation(place, record.name)
    return sealer
  }
}

function wrong(from: string, record: SealRecord): never {
  throw secretError(
    `the secret is wrong: ${from} holds another one than that which sealed its keys. The store needs the secret with ` +
      `the fingerprint ${record.name}. Nothing was changed`,
  )
}
