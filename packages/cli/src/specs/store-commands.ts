import { type CommandSpec, commandSpec } from '../command-spec.js'

/** Commands for the store, the configuration and the surroundings. */
export const storeCommands: readonly CommandSpec[] = [
  commandSpec({
    usage: 'secret <action>',
    actions: ['fingerprint', 'rotate'],
    summary: 'Show or change the secret that seals the keys of the store',
    description:
      'fingerprint shows which secret opens the store, without telling it. rotate seals all keys with another secret: ' +
      'with a new secret.key beside the store, or with that of --to-env or --to-file. A server that uses secret.key or ' +
      '--secret-file goes on by itself when the new secret lies in the same file; others must be restarted. Backups ' +
      'made before open with the secret of before.',
    examples: [
      'sfpool secret fingerprint',
      'sfpool secret rotate',
      'NEW="$(openssl rand -base64 32)" sfpool secret rotate --to-env NEW',
    ],
    settings: ['toEnv', 'toFile'],
    load: async () => (await import('../commands/secret.js')).secret,
  }),
  commandSpec({
    usage: 'backup <path>',
    summary: 'Copy the store into a file, while it is in use',
    description:
      'Copy the store into one file, as it is at one moment, while a server goes on with it. The copy is a store itself: ' +
      'sfpool serve --store file:<path> opens it with the secret that the store has now. It is readable by its owner ' +
      'alone, and a file that is there is replaced only with --yes.',
    examples: ['sfpool backup backups/monday.db', 'sfpool backup --yes --json latest.db'],
    settings: ['yes'],
    load: async () => (await import('../commands/backup.js')).backup,
  }),
  commandSpec({
    usage: 'restore <path>',
    summary: 'Put a backup in the place of the store',
    description:
      'Put a backup in the place of the store. It is checked before anything is changed: that it is whole, and that the ' +
      'secret at hand opens it. A store that is there is replaced only with --yes, and not while a process uses it. The ' +
      'backup stays as it is.',
    examples: [
      'sfpool restore backups/monday.db',
      'sfpool restore latest.db --store file:other.db --secret-file old.key',
    ],
    settings: ['yes'],
    load: async () => (await import('../commands/restore.js')).restore,
  }),
  commandSpec({
    usage: 'config <action> [name] [value...]',
    actions: ['get', 'set', 'unset', 'list', 'path'],
    summary: 'Show or change the settings that hold for every command',
    description:
      'list shows the settings with where each comes from: a variable, sfpool.config.{json,yaml} in the working directory, ' +
      "the user's own file, the default. get shows one. set and unset change the user's own file, whose place path shows. " +
      'Names are those of the files, such as port or timeoutIdle, or a part of a structure, such as queue.maxWaitMs. ' +
      'Secrets are never shown; set reads one from standard input with -.',
    examples: [
      'sfpool config set port 8080',
      'sfpool config set timeoutIdle 2m',
      'sfpool config set adminKey - < admin-key.txt',
      'sfpool config list --all',
    ],
    settings: ['all'],
    isTolerant: true,
    load: async () => (await import('../commands/config.js')).config,
  }),
  commandSpec({
    usage: 'doctor',
    summary: 'Find out what is wrong with an installation, and how to mend it',
    description:
      'Find out what is wrong with an installation, and how to mend it: Node.js, configuration, access, the store and its ' +
      'secret, key files, proxy and upstream, the clock, the port. Looks only, changes nothing, and shows no secret. Exit ' +
      'codes: 0 without errors (there may be warnings), 1 with errors.',
    examples: ['sfpool doctor', 'sfpool doctor --json', 'sfpool doctor --keys keys.txt --port 8080'],
    settings: [
      'host',
      'port',
      'baseUrl',
      'provider',
      'site',
      'keys',
      'clientKey',
      'clientKeyFile',
      'adminKey',
      'adminKeyFile',
      'proxy',
      'ca',
    ],
    inherited: ['sites', 'cors', 'demo'],
    isTolerant: true,
    load: async () => (await import('../commands/doctor.js')).doctor,
  }),
  commandSpec({
    usage: 'completion <shell>',
    actions: ['bash', 'zsh', 'fish'],
    summary: 'Print a script that completes commands, options, names and keys in a shell',
    examples: [
      'source <(sfpool completion bash)',
      'source <(sfpool completion zsh)',
      'sfpool completion fish > ~/.config/fish/completions/sfpool.fish',
    ],
    settings: [],
    isTolerant: true,
    load: async () => (await import('../commands/completion.js')).completion,
  }),
  commandSpec({
    usage: 'simulate',
    summary: 'Run a local simulation of SiliconFlow for tests',
    settings: ['simulatorPort', 'scenario', 'reveal'],
    load: async () => (await import('../commands/simulate.js')).simulate,
  }),
]
