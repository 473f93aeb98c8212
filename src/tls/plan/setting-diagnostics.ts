import type { ConfTree } from '../../conf/tree.ts';
import { isLoopbackHost } from '../../net/network.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ServerState } from '../state.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { listenAddresses } from './listens.ts';

/**
 * Diagnostics of a plan about settings: include lines that were not read, and places where the server does not listen.
 *
 * @param host the host or address that the client connects to
 */
export function settingDiagnostics(server: ServerState, settings: ConfTree, host: string): readonly Diagnostic[] {
  return [...unreadIncludes(settings), ...listenDiagnostics(server, settings, host)];
}

/**
 * The warning for include lines in postgresql.conf that were not followed, because the given `ServerState` holds no
 * included files.
 */
function unreadIncludes(settings: ConfTree): readonly Diagnostic[] {
  const unread = settings.diagnostics.find(({ code }) => code === 'include-not-followed');
  if (unread === undefined) return [];
  const message =
    'The included files are not part of the server state. A file that sets ssl or ssl_…_file after the edited lines wins';
  return [{ ...unread, code: 'tls-conf-include', severity: 'warning', message }];
}

function listenDiagnostics(server: ServerState, settings: ConfTree, host: string): readonly Diagnostic[] {
  const listens = settings.effective('listen_addresses');
  const addresses = listenAddresses(settings);
  if (!addresses.every(isLoopbackHost) || (addresses.length > 0 && isLoopbackHost(host))) return [];
  const what = addresses.length === 0 ? 'empty' : addresses.join(', ');
  const message = `No client reaches the server as ${host}: listen_addresses is ${what}. A change takes a restart`;
  const file = listens?.file?.options.file ?? server.conf.path;
  const place = listens?.entry === undefined ? { file } : { file, line: listens.line!, text: listens.entry.text };
  return [diagnosticAt(place, 'tls-listens-locally', 'info', message)];
}
