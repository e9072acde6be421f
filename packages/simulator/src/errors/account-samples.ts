import { coded, type ErrorSample, shaped } from './error-sample.js'

export type AccountErrorName =
  | 'token-missing-classic'
  | 'token-invalid-classic'
  | 'token-invalid'
  | 'insufficient-balance'
  | 'insufficient-balance-classic'
  | 'forbidden'
  | 'illegal-operation'
  | 'user-disabled'
  | 'not-model-owner'
  | 'real-name-required'
  | 'wrong-role'
  | 'wrong-tier'
  | 'user-not-found'
  | 'not-logged-in'
  | 'not-open-yet'
  | 'charged-balance-required'
  | 'user-expired'
  | 'ip-not-allowed'
  | 'unverified-daily-limit'
  | 'voice-real-name-required'

const balance = 'Sorry, your account balance is insufficient'

/** Errors about keys, money and permissions. */
export const accountSamples: Readonly<Record<AccountErrorName, ErrorSample>> = {
  'token-missing-classic': shaped(401, 'Invalid token', ['key', 'documented', 'classic']),
  'token-invalid-classic': shaped(401, 'Api key is invalid', ['key', 'observed', 'classic']),
  // The order of the fields is the platform's.
  'token-invalid': shaped(401, { code: 30_014, data: null, message: 'Token is invalid.' }, [
    'key',
    'observed',
    'current',
  ]),
  'insufficient-balance': coded([402, 30_001], balance, ['funds', 'observed', 'current']),
  'insufficient-balance-classic': coded([403, 30_001], balance, ['funds', 'observed', 'classic']),
  forbidden: shaped(403, 'Forbidden', ['permission', 'documented']),
  'illegal-operation': coded([403, 30_000], 'Illegal operation.', ['permission', 'inferred']),
  'user-disabled': coded([403, 30_002], 'User disabled.', ['key', 'inferred']),
  'not-model-owner': coded([403, 30_004], 'You are not the owner of the model.', ['permission', 'inferred']),
  'real-name-required': coded([403, 30_005], 'Real-name authentication is required.', [
    'permission',
    'inferred',
  ]),
  'wrong-role': coded([403, 30_006], 'Your role has no permission for this model.', [
    'permission',
    'inferred',
  ]),
  'wrong-tier': coded([403, 30_007], 'Your tier has no permission for this model.', [
    'permission',
    'inferred',
  ]),
  'user-not-found': coded([403, 30_008], 'User does not exist.', ['key', 'inferred']),
  'not-logged-in': coded([403, 30_009], 'User is not logged in.', ['key', 'inferred']),
  'not-open-yet': coded([403, 30_010], 'This model is not open yet.', ['permission', 'inferred']),
  'charged-balance-required': coded(
    [403, 30_011],
    'Only accounts with a charged balance may use this model.',
    ['permission', 'inferred'],
  ),
  'user-expired': coded([403, 30_012], 'User expired.', ['key', 'inferred']),
  'ip-not-allowed': coded([403, 30_013], 'IP address is not allowed.', ['ip-ban', 'inferred']),
  'unverified-daily-limit': coded(
    [429, 50_606],
    'Users without real-name authentication may send 100 requests per day. Please verify your identity.',
    ['limit', 'inferred'],
  ),
  'voice-real-name-required': coded([403, 20_051], 'Voice cloning requires real-name authentication.', [
    'permission',
    'inferred',
  ]),
}
