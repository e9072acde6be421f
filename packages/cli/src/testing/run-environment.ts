import { join } from 'node:path'

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** The content of standard input. @default '' */
  readonly input?: string
  /** The program to run instead of the built command. */
  readonly program?: string
  /** Standard error: a descriptor, or a pipe that nobody reads. @default a pipe that is read */
  readonly stderr?: number | 'unread'
}

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The variables that a command sees: none of this process but its PATH. */
export function environmentOf(directory: string, { environment }: RunOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, '.config'),
    ...environment,
  }
}
