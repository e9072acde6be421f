import type { SettingName, Settings } from '../config/settings.js'
import type { ConfigSurvey } from '../config/survey-config.js'
import type { Terminal } from '../terminal.js'

/** The settings that a server would run with. */
export type DoctorSetting =
  | 'store'
  | 'secret'
  | 'secretFile'
  | 'host'
  | 'port'
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'sites'
  | 'keys'
  | 'clientKey'
  | 'clientKeyFile'
  | 'adminKey'
  | 'adminKeyFile'
  | 'cors'
  | 'proxy'
  | 'ca'
  | 'demo'

/** What the checks look at. */
export interface DoctorContext {
  readonly settings: Pick<Settings, DoctorSetting>
  readonly origins: Readonly<Partial<Record<SettingName, string>>>
  readonly files: Readonly<Partial<Record<SettingName, string>>>
  readonly terminal: Terminal
  readonly survey: ConfigSurvey
  /** The version of this program. */
  readonly version: string
}
