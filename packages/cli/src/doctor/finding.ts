/** One thing that was looked at, and what to do about it. */
export interface Finding {
  /** Stays the same from version to version, so that scripts can look for it. */
  readonly id: string
  readonly level: 'ok' | 'warn' | 'error'
  readonly message: string
  /** What to do; null when nothing is to be done. */
  readonly mend: string | null
}

export function ok(id: string, message: string): Finding {
  return { id, level: 'ok', message, mend: null }
}

export function warning(id: string, message: string, mend: string): Finding {
  return { id, level: 'warn', message, mend }
}

export function failure(id: string, message: string, mend: string): Finding {
  return { id, level: 'error', message, mend }
}
