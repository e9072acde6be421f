const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is no directory',
  EROFS: 'the disk is read-only',
}

/** Why a file could not be read or written, without the system's own abbreviations. */
export function fileFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return reasons[String(Reflect.get(error, 'code'))] ?? error.message
}
