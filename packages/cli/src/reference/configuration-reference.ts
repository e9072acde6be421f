import { catalogue } from '../config/catalogue.js'
import { fileNames } from '../config/file-entries.js'
import { type Setting, variableName } from '../config/setting.js'
import type { SettingName } from '../config/settings.js'
import { shownFallback } from '../config/shown-value.js'
import { code, escaped, table } from './cli-reference.js'

/** The reference of the settings as Markdown, made from the catalogue. */
export function configurationReference(): string {
  return [
    '# Settings',
    'Made from the source by `npm run reference:update`; changes here are lost.',
    'The first of these that sets a value wins: the flag, the variable, `sfpool.config.json`, `.yaml` or `.yml` in the working ' +
      "directory (or the file of `--config`), the user's own `config.json` (`sfpool config path` shows where), the default. " +
      'Names in files are those below, or the long flags. `sfpool config set` writes the user’s own file.',
    'Durations are `10s`, `5m`, `1h30m`, `7d` or plain milliseconds; sizes `512kb`, `16mb`, `1gb` (powers of 1024) or plain ' +
      'bytes. Variables hold structures as JSON. A change of a setting marked *live* in a file is taken over by a running ' +
      '`serve`; the others need a restart.',
    table(['name', 'flag', 'variables', 'value', 'default', 'live', 'what it does'], fileNames.map(row)),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function row(name: SettingName): readonly string[] {
  const setting: Setting<unknown> = catalogue[name]
  const variables = [variableName(setting), ...(setting.variables ?? [])].map(code).join(', ')
  return [
    code(name),
    setting.hasNoFlag === true ? '' : code(setting.flag),
    variables,
    escaped(setting.rule.replace(/^must be /, '')),
    escaped(shownFallback(setting) ?? ''),
    setting.isLive === true ? 'live' : '',
    escaped(setting.description),
  ]
}
