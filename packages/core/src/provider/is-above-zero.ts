/** Whether a decimal string is more than zero. */
export const isAboveZero = (amount: string): boolean => !amount.startsWith('-') && /[1-9]/.test(amount)
