import type { TargetFile } from '../../../disk/file-state.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { PlannedRequest } from '../data/plan-data.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import type { TlsRequest } from '../request/request.ts';

/** The holder of a certificate: the server or a client. */
export type Holder = PlannedRequest['holder'];

/** Whether a request asks for a new key of a holder. */
export function wantsNewKey(newKey: TlsRequest['newKey'], holder: Holder): boolean {
  return newKey === true || newKey === holder;
}

/** The passphrase of the holder's private key. Only the server's key has one. */
export function passphraseOf({
  holder,
  passphrase,
}: {
  readonly holder: Holder;
  readonly passphrase?: string | undefined;
}): string | undefined {
  return holder === 'server' ? passphrase : undefined;
}

const consequences: Readonly<Record<Holder, { readonly effect: string; readonly property: string }>> = {
  server: { effect: 'and clients trust the server again', property: '`newKey`' },
  client: { effect: 'which lets the user in again', property: "newKey 'client'" },
};

/**
 * The diagnostic for a plan that replaces a revoked certificate. It is a warning unless the caller has asked for a new
 * key, because the holder's certificate is accepted again.
 */
export function reissuedAfterRevocation(
  { path }: TargetFile,
  holder: Holder,
  newKey: TlsRequest['newKey'],
): Diagnostic {
  const { effect, property } = consequences[holder];
  const isWanted = wantsNewKey(newKey, holder);
  const message = `The ${holder}'s certificate is revoked. The plan issues a new certificate with a new key, ${effect}${isWanted ? '' : `. If this is intended, plan with ${property}`}`;
  return planDiagnostic({ file: path }, 'tls-certificate-revoked', isWanted ? 'info' : 'warning', message);
}
