const maskPattern = /…|\.{3}|\*{3}|•{3}/

/** Whether a part of a text was replaced by dots, stars or an ellipsis. */
export const isMasked = (text: string): boolean => maskPattern.test(text)
