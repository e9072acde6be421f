import type { KeyInput, KeyPool } from '@sfpool/core'
import { fingerprint } from '@sfpool/core'
import { readKeyText } from '../input/read-key-text.js'
import type { OverlayStore } from '../pool/overlay-store.js'
import { count } from '../render/count.js'
import { sayRejectedOfFile } from '../render/say-rejected.js'
import type { Terminal } from '../terminal.js'

interface KeyFileParts {
  /** The path of the file, or a source that is read once. */
  readonly path: string
  readonly pool: KeyPool
  readonly store: OverlayStore
  readonly terminal: Terminal
  readonly say: (text: string) => void
}

/**
 * Adds the keys of a file to a pool, in memory only. A key that is removed from the file leaves the pool, unless it also
 * came from elsewhere. A file that cannot be read, holds no key or has a line without a key removes nothing: a
 * half-written file or a typing mistake must not empty a pool that serves.
 */
export class KeyFile {
  readonly #parts: KeyFileParts
  /** Ids of the keys that came from this file and from nowhere else. */
  readonly #fileKeyIds = new Set<string>()
  #running: Promise<void> = Promise.resolve()
  /** What was last said of a file that changes nothing; it is not said again while it stays. */
  #trouble: string | undefined

  constructor(parts: KeyFileParts) {
    this.#parts = parts
  }

  /** Reads the file for the first time. Rejects with a `CliError` when it cannot be read. */
  open(): Promise<void> {
    const opening = this.#read()
    this.#running = opening.catch(() => {})
    return opening
  }

  /** Reads the file again, one reading at a time. A failure is reported and changes nothing. */
  reload(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#read())
      .catch((error: unknown) => {
        if (this.#parts.terminal.stopping.aborted) return
        const reason = error instanceof Error ? error.message : String(error)
        this.#sayTrouble(`${reason}; keeping the keys as they are`)
      })
    return this.#running
  }

  #sayTrouble(trouble: string): void {
    if (trouble !== this.#trouble) this.#parts.say(`key file: ${trouble}`)
    this.#trouble = trouble
  }

  async #read(): Promise<void> {
    const { path, terminal, pool, store, say } = this.#parts
    const found = await readKeyText(path, terminal)
    const { keys, rejected } = found
    const added = await this.#add(keys)
    sayRejectedOfFile(say, found)
    const listed = new Set(keys.map(({ secret }) => fingerprint(secret)))
    const gone = [...this.#fileKeyIds].filter((id) => !listed.has(id))
    if (gone.length > 0 && (rejected.length > 0 || keys.length === 0)) {
      const why = keys.length === 0 ? 'the file holds no key' : 'the file has a line without a key'
      this.#sayTrouble(`${why}; keeping ${count(gone.length, 'key')} that it no longer lists`)
      return this.#report(added, 0)
    }
    this.#trouble = undefined
    await pool.keys.remove(gone.filter((id) => store.isInMemory(id)))
    for (const id of gone) this.#fileKeyIds.delete(id)
    this.#report(added, gone.length)
  }

  async #add(keys: readonly KeyInput[]): Promise<number> {
    const { pool, store } = this.#parts
    const unknown = keys.filter(({ secret }) => pool.keys.get(fingerprint(secret)) === undefined)
    store.keepInMemory(unknown.map(({ secret }) => secret))
    const { added } = await pool.keys.add(
      unknown.map(({ secret, balance }) => ({ secret, ...(balance === undefined ? {} : { balance }) })),
    )
    for (const { id } of added) this.#fileKeyIds.add(id)
    return added.length
  }

  #report(added: number, removed: number): void {
    const changes = [added > 0 ? `${added} added` : '', removed > 0 ? `${removed} removed` : '']
    const text = changes.filter((change) => change !== '').join(', ')
    if (text !== '')
      this.#parts.say(`key file: ${text}; ${count(this.#parts.pool.keys.list().length, 'key')} in the pool`)
  }
}
