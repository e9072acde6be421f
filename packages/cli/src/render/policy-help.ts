import { strategyNames } from '@sfpool/core'
import { policySettings } from '../config/policy-catalogue.js'

const width = 78

/** What the help of commands says of the settings that make the policy of a pool. */
export function policyHelp(): string[] {
  const inFiles = policySettings.filter((name) => name !== 'strategy')
  return [
    `Strategies:\n${wrapped(strategyNames)}`,
    `More about who serves what, in sfpool.config.{json,yaml} only, or as JSON in\nvariables like SFPOOL_LIMITS:\n${wrapped(inFiles)}`,
  ]
}

/** Words separated by commas, in lines of a terminal's width. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = []
  let line = ' '
  words.forEach((word, at) => {
    const next = at === words.length - 1 ? word : `${word},`
    if (line.length + next.length + 1 > width) {
      lines.push(line)
      line = ' '
    }
    line += ` ${next}`
  })
  return [...lines, line].join('\n')
}
