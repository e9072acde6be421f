import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Returns functions that colour text, or functions that return text unchanged. */
export function colorsFor(given: {
  /** The value of the setting `color`; undefined when it is not set. */
  asked: boolean | undefined
  isTTY: boolean
  environment: Readonly<Record<string, string | undefined>>
}): Colors {
  return picocolors.createColors(wantsColor(given))
}

function wantsColor({ asked, isTTY, environment }: Parameters<typeof colorsFor>[0]): boolean {
  if (asked !== undefined) return asked
  // https://no-color.org: any value except an empty one counts.
  if ((environment.NO_COLOR ?? '') !== '') return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTTY && environment.TERM !== 'dumb'
}
