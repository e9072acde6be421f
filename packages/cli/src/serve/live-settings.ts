import type { KeyMode, KeyPool } from '@sfpool/core'
import { assertSafeBinding } from '@sfpool/gateway'
import { catalogue } from '../config/catalogue.js'
import { optionName, type Setting } from '../config/setting.js'
import type { SettingName, Settings } from '../config/settings.js'
import type { Configuration } from '../context.js'
import { tryPool } from '../pool/trial-pool.js'
import { withOrigin } from '../pool/with-origin.js'
import { type AccessKeys, accessKeys } from './access-keys.js'

/** The settings that decide how a gateway answers, and which keys may serve. */
export type LiveSetting =
  | 'host'
  | 'clientKey'
  | 'clientKeyFile'
  | 'adminKey'
  | 'adminKeyFile'
  | 'cors'
  | 'maxBody'
  | 'sendTimeout'
  | 'bodyTimeout'
  | 'bodyMinRate'
  | 'trace'
  | 'logLevel'
  | 'mode'
  | 'selected'
  | 'shutdownTimeout'

interface LiveParts<Name extends SettingName> {
  readonly configuration: Configuration<Name>
  /** What the server started with. */
  readonly settings: Pick<Settings, Name>
  readonly access: AccessKeys
  readonly pool: KeyPool
  /** Makes new requests go by other settings. Throws when they are wrong, and nothing has changed then. */
  readonly apply: (settings: Pick<Settings, Name>, access: AccessKeys) => void
  readonly say: (text: string) => void
}

/**
 * Follows the settings of a running server in its configuration files. A change is checked as a whole and taken over as a
 * whole, or not at all; it is said what now holds, and what needs a restart.
 */
export class LiveSettings<Name extends SettingName> {
  readonly #parts: LiveParts<Name | LiveSetting>
  #settings: Pick<Settings, Name | LiveSetting>
  #access: AccessKeys
  #running: Promise<void> = Promise.resolve()
  /** What was last said; it is not said again while it stays so. */
  #said = ''

  constructor(parts: LiveParts<Name | LiveSetting>) {
    this.#parts = parts
    this.#settings = parts.settings
    this.#access = parts.access
  }

  /** The settings that hold now. */
  get settings(): Pick<Settings, Name | LiveSetting> {
    return this.#settings
  }

  /** Reads the files again, one reading at a time. A failure is said and changes nothing. */
  reload(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#reload())
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message.replaceAll('\n', '; ') : String(error)
        this.#say(`${reason}; keeping the settings as they are`)
      })
    return this.#running
  }

  async #reload(): Promise<void> {
    const next = await this.#parts.configuration.read()
    const changed = changedNames(this.#settings, next.settings)
    const live = changed.filter(isLive)
    const merged = { ...this.#settings, ...picked(next.settings, live) }
    const access = await accessKeys(merged)
    const isAccessChanged = JSON.stringify(access) !== JSON.stringify(this.#access)
    // What needs a restart is checked as well: the next start must not fail on it.
    await tryPool(next.settings).catch((error: unknown) => {
      throw withOrigin(error, next.origins)
    })
    assertSafeBinding(merged.host, access)
    if (live.length > 0 || isAccessChanged) await this.#take(merged, access, live)
    this.#report(changed, live, isAccessChanged)
  }

  async #take(
    merged: Pick<Settings, Name | LiveSetting>,
    access: AccessKeys,
    live: readonly string[],
  ): Promise<void> {
    const { pool, apply } = this.#parts
    const { mode = 'all', selected } = merged
    const isModeChanged = live.includes('mode') || live.includes('selected')
    const before = { mode: (this.#settings.mode ?? 'all') as KeyMode, selected: this.#settings.selected }
    if (isModeChanged) await pool.keys.select(mode as KeyMode, selected as readonly string[] | undefined)
    try {
      apply(merged, access)
    } catch (error) {
      if (isModeChanged) await pool.keys.select(before.mode, before.selected as readonly string[] | undefined)
      throw error
    }
    this.#settings = merged
    this.#access = access
  }

  #report(changed: readonly SettingName[], live: readonly SettingName[], isAccessChanged: boolean): void {
    const restart = changed.filter((name) => !live.includes(name)).map(nameOf)
    const now =
      live.length > 0 ? live.map(nameOf) : isAccessChanged ? ['the keys of clients and administrators'] : []
    const texts = [
      now.length > 0 ? `in effect now: ${now.join(', ')}` : '',
      restart.length > 0 ? `needs a restart: ${restart.join(', ')}` : '',
    ].filter((text) => text !== '')
    if (now.length > 0) this.#said = ''
    if (texts.length > 0) this.#say(texts.join('; '))
    else this.#said = ''
  }

  #say(text: string): void {
    if (text !== this.#said) this.#parts.say(`configuration: ${text}`)
    this.#said = text
  }
}

const settingOf = (name: SettingName): Setting<unknown> => catalogue[name]
const isLive = (name: SettingName): boolean => settingOf(name).isLive === true
const nameOf = (name: SettingName): string => optionName(name, settingOf(name))

function changedNames<Name extends SettingName>(
  before: Partial<Settings>,
  now: Pick<Settings, Name>,
): Name[] {
  const names = Object.keys(now) as Name[]
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
}

function picked<Name extends SettingName>(settings: Pick<Settings, Name>, names: readonly Name[]): object {
  return Object.fromEntries(names.map((name) => [name, settings[name]]))
}
