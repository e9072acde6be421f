/**
 * Repairs a text in UTF-16, as Windows may save it, that was read as UTF-8: every other character is NUL, and the byte
 * order mark at the beginning is damaged.
 */
export function repairUtf16(text: string): string {
  return text.includes('\0') ? text.replace(/^\ufffd+/, '').replaceAll('\0', '') : text
}
