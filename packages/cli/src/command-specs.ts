import type { CommandSpec } from './command-spec.js'
import { keyCommands } from './specs/key-commands.js'
import { poolCommands } from './specs/pool-commands.js'
import { storeCommands } from './specs/store-commands.js'

/** Every command, in the order in which help shows them. */
export const commandSpecs: readonly CommandSpec[] = [...keyCommands, ...poolCommands, ...storeCommands]
