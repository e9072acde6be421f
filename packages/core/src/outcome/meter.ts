/** What an upstream limit counts (requests, tokens, images) over which window (minute, hour, day). */
export type Meter = 'RPM' | 'RPH' | 'RPD' | 'TPM' | 'TPD' | 'IPM' | 'IPD'
