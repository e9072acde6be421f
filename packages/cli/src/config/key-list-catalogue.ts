import { importSources } from '../import/imported.js'
import { keyColumnNames } from '../keys/key-columns.js'
import { type SortOrder, sortNames } from '../keys/sort-keys.js'
import { amounts, oneOf, optional, separator, someOf, text, wholeNumber } from './rule.js'
import type { Setting } from './setting.js'
import { switchSetting } from './setting-kinds.js'
import type { Settings } from './settings.js'

type KeyListName =
  | 'sort'
  | 'search'
  | 'limit'
  | 'columns'
  | 'leastBalance'
  | 'onlySelected'
  | 'separator'
  | 'withBalance'
  | 'exportFormat'
  | 'importFrom'
  | 'dryRun'

const orders: readonly SortOrder[] = sortNames.flatMap((name): SortOrder[] => [name, `-${name}`])

/** The settings of lists of keys, printed or exported. */
export const keyListCatalogue: { readonly [Name in KeyListName]: Setting<Settings[Name]> } = {
  sort: {
    schema: optional(oneOf(orders)).schema,
    rule: `must be one of ${sortNames.join(', ')}, with - in front for descending order`,
    flag: '--sort <order>',
    description: `Sort by ${sortNames.join(', ')}; -requests puts the most first`,
    fallback: undefined,
    shownFallback: 'added',
  },
  search: {
    ...optional(text),
    flag: '--search <text>',
    description: 'Only keys whose id, masked key, label, account or state holds this text',
    fallback: undefined,
  },
  limit: {
    ...optional(wholeNumber({ min: 1, unit: 'keys' })),
    flag: '--limit <count>',
    description: 'Print at most this many keys',
    fallback: undefined,
    shownFallback: 'all',
  },
  columns: {
    ...optional(someOf(keyColumnNames)),
    flag: '--columns <list>',
    description: `Which columns, in this order: ${keyColumnNames.join(', ')}`,
    fallback: undefined,
    shownFallback: 'as many as fit',
  },
  leastBalance: {
    ...optional(amounts),
    flag: '--min-balance <amount>',
    description: 'Only keys whose balance is known and not below this amount',
    fallback: undefined,
    // The same flag of serve and check decides what may be spent, and must not hide keys from a list.
    isFlagOnly: true,
  },
  onlySelected: {
    ...switchSetting('--selected', 'Only the keys that the setting selected names'),
    isFlagOnly: true,
  },
  separator: {
    ...optional(separator),
    flag: '--separator <text>',
    description: 'What stands between two keys: newline, comma, space, semicolon, tab, or other text',
    fallback: undefined,
    shownFallback: 'newline',
  },
  withBalance: switchSetting('--with-balance', 'Export each key with its balance: key|balance, or columns'),
  exportFormat: {
    ...oneOf(['text', 'csv', 'json']),
    flag: '--format <format>',
    description: 'Format of the export: text, csv or json',
    fallback: 'text',
  },
  importFrom: {
    ...oneOf(importSources),
    flag: '--from <system>',
    description: `Whose file it is: ${importSources.join(', ')}`,
    fallback: 'auto',
    isFlagOnly: true,
  },
  dryRun: {
    ...switchSetting('--dry-run', 'Say what would be imported, and write nothing'),
    isFlagOnly: true,
  },
}
