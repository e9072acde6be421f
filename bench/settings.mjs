// @ts-check
import { parseArgs } from 'node:util'

/**
 * @typedef {object} Settings
 * @property {readonly string[]} benches names of the benches to run
 * @property {number} rounds measured windows per rival; `start` runs three times as many
 * @property {number} seconds length of one window
 * @property {readonly number[]} streams numbers of simultaneous streams
 * @property {number} soakSeconds length of the `soak`
 * @property {readonly string[] | null} rivals names of the rivals, null for all rivals of the bench
 */

/** The error for a command line with unknown names or wrong values. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError'
}

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} known names of all benches
 * @returns {Settings}
 * @throws {UsageError} names the wrong argument, its rule and the received value
 */
export function readSettings(args, known) {
  const { values, positionals } = parse(args)
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`a bench is one of ${known.join(', ')}: received ${unknown}`)
  return {
    benches: positionals.length > 0 ? positionals : known,
    rounds: wholeNumber('--rounds', values.rounds),
    seconds: wholeNumber('--seconds', values.seconds),
    streams: values.streams.split(',').map((each) => wholeNumber('--streams', each)),
    soakSeconds: wholeNumber('--soak-seconds', values['soak-seconds']),
    rivals: values.rivals?.split(',') ?? null,
  }
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        streams: { type: 'string', default: '400,2000' },
        'soak-seconds': { type: 'string', default: '300' },
        rivals: { type: 'string' },
      },
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/**
 * @param {string} option
 * @param {string} text
 */
function wholeNumber(option, text) {
  if (!/^[1-9]\d*$/.test(text))
    throw new UsageError(`${option} must be a whole number above 0: received ${text}`)
  return Number(text)
}
