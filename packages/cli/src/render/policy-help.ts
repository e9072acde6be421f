import { strategyNames } from '@sfpool/core'
import { policySettings } from '../config/policy-catalogue.js'

const width = 78

/** Describes the settings of a pool's policy, for the help of commands. */
export function policyHelp(): string[] {
  const inFiles = policySettings.filter((name) => name !== 'strategy')
  return [
    `Strategies:\n${wrapped(strategyNames)}`,
    `Further policy settings, in sfpool.config.{json,yaml} or as JSON in variables\nsuch as SFPOOL_LIMITS:\n${wrapped(inFiles)}`,
  ]
}

/** Joins words with commas, in lines that fit a terminal. */
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
