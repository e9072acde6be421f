const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is as large as the system allows',
  EIO: 'the device or terminal failed',
  EISDIR: 'the path is a directory',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the disk is read-only',
}

/** Explains why a file could not be read or written, without the system's error codes. */
export function fileFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return reasons[String(Reflect.get(error, 'code'))] ?? error.message
}
