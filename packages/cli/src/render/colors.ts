import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours, or the same functions leaving text as it is. */
export function colorsFor(given: {
  /** What `--no-color` and its relatives said; undefined when they said nothing. */
  asked: boolean | undefined
  isTTY: boolean
  environment: Readonly<Record<string, string | undefined>>
}): Colors {
  return picocolors.createColors(wantsColor(given))
}

function wantsColor({ asked, isTTY, environment }: Parameters<typeof colorsFor>[0]): boolean {
  if (asked !== undefined) return asked
  // https://no-color.org: any value but an empty one.
  if ((environment.NO_COLOR ?? '') !== '') return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTTY && environment.TERM !== 'dumb'
}
