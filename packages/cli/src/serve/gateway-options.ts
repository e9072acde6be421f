import type { GatewayOptions } from '@sfpool/gateway'
import type { Settings } from '../config/settings.js'
import type { AccessKeys } from './access-keys.js'

type GatewaySettings = Pick<
  Settings,
  'cors' | 'maxBody' | 'sendTimeout' | 'bodyTimeout' | 'bodyMinRate' | 'trace'
>

/** Converts settings into the gateway's options. Settings that are not set are left to the gateway's own defaults. */
export function gatewayOptions(
  settings: GatewaySettings,
  { clientKeys, adminKey }: AccessKeys,
  reloadKeys: () => Promise<number>,
): GatewayOptions {
  return {
    clientKeys,
    // Without a client key, only this separates the user's own programs from a web page in the user's browser.
    localOnly: clientKeys === undefined,
    adminKey,
    cors: settings.cors,
    maxBody: settings.maxBody,
    sendTimeoutMs: settings.sendTimeout,
    bodyTimeoutMs: settings.bodyTimeout,
    bodyMinRate: settings.bodyMinRate,
    trace: settings.trace,
    reloadKeys,
  }
}
