import { CliError } from '../cli-error.js'
import { didYouMean } from './did-you-mean.js'

/** The refusal of a first argument that is none of a command's actions. */
export function unknownAction(command: string, action: string, actions: readonly string[]): CliError {
  const meant = didYouMean(action, actions)
  return new CliError(`the actions of ${command} are ${actions.join(', ')}`, {
    hint:
      meant === undefined
        ? `See the help with: sfpool ${command} --help`
        : `Did you mean: sfpool ${command} ${meant}`,
  })
}
