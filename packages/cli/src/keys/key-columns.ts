/** The columns of a list of keys, by the names that `--columns` takes. */
export const keyColumnNames = [
  'key',
  'label',
  'status',
  'balance',
  'requests',
  'ok',
  'used',
  'added',
  'account',
  'site',
  'weight',
  'id',
  'note',
] as const
export type KeyColumnName = (typeof keyColumnNames)[number]
