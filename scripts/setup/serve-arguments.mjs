/** Flags that choose keys or upstream, and those that ask for something else than serving. */
const ownFlags = [
  '--keys',
  '--store',
  '--config',
  '--base-url',
  '--provider',
  '--site',
  '--demo',
  '--help',
  '-h',
]
const ownVariables =
  /^(SFPOOL_(KEYS|STORE|CONFIG|BASE_URL|PROVIDER|SITE|DEMO)|SILICONFLOW_BASE_URL|SILICONFLOW_API_KEY(_\d+)?)$/
const configNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

/**
 * The arguments of `sfpool serve` for those of `npm start`: with `--demo`, unless a flag, a variable or a configuration
 * file chooses keys or an upstream.
 *
 * @param {readonly string[]} given
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {(file: string) => boolean} isThere
 */
export function serveArguments(given, environment, isThere) {
  const hasOwn =
    given.some((argument) => ownFlags.includes(argument.split('=')[0] ?? '')) ||
    Object.entries(environment).some(
      ([name, value = '']) => ownVariables.test(name) && value.trim() !== '',
    ) ||
    configNames.some(isThere)
  return hasOwn ? [...given] : ['--demo', ...given]
}
