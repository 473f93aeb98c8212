import { withSecret } from '../../secret.ts';
import { type ConnectionTarget, type ConnectionTargetParts, connectionTarget } from './target.ts';

/** Everything that one client needs: one value, of which each client has its own view. */
export interface ClientBundle {
  /** Where and as whom it connects. */
  readonly target: ConnectionTarget;
  /** The authorities that the server's certificate is checked against: PEM, one or more certificates. */
  readonly ca: string;
  /** The client's certificate and below it the intermediates up to the root: PEM, leaf first. */
  readonly certificate: string;
  /** The client's private key: PEM. Not enumerable, so that no log shows it. */
  readonly privateKey: string;
}

/** What a {@link ClientBundle} is made of. */
export interface ClientBundleParts {
  /** Where and as whom it connects. */
  readonly target: ConnectionTargetParts;
  /** The authorities that the server's certificate is checked against: PEM. */
  readonly ca: string;
  /** The client's certificate chain: PEM, leaf first. */
  readonly certificate: string;
  /** The client's private key: PEM. */
  readonly privateKey: string;
}

/**
 * A bundle of its parts. `privateKey` is read by its name as ever, but `util.inspect`, `JSON.stringify` and `{...spread}`
 * pass over it.
 *
 * @throws PgHostsslError as {@link connectionTarget} does.
 */
export function clientBundle(parts: ClientBundleParts): ClientBundle {
  const { target, ca, certificate, privateKey } = parts;
  return withSecret({ target: connectionTarget(target), ca, certificate }, 'privateKey', privateKey);
}
