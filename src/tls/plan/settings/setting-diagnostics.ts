import { parseBool } from '../../../c/boolean.ts';
import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import { settingDiagnostic } from '../../../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { parseIpAddress } from '../../../net/ip.ts';
import { isLoopbackHost } from '../../../net/network.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { ServerState } from '../../state.ts';
import { isWildcard, listenAddresses } from './listening.ts';

/**
 * Diagnostics of a plan about settings: include lines that were not read, and places where the server does not listen.
 *
 * @param host the host or address that the client connects to
 */
export function settingDiagnostics(settings: ConfTree, host: string): readonly Diagnostic[] {
  return [...unreadIncludes(settings), ...listenDiagnostics(settings, host)];
}

/**
 * The warning for a server with `ssl_sni` (19). If pg_hosts.conf has records, this server ignores the settings that
 * plans change.
 */
export function hostsFileDiagnostics(server: ServerState, settings: ConfTree): readonly Diagnostic[] {
  if (settingDefinition('ssl_sni', server.version) === undefined) return [];
  if (parseBool(settings.effective('ssl_sni')?.value ?? '') !== true) return [];
  const message =
    'While ssl_sni is on and pg_hosts.conf has records, the server uses the certificates, keys and roots that the records name, and ignores ssl_cert_file, ssl_key_file and ssl_ca_file. The plan does not change pg_hosts.conf: give the record of the host these files, or set ssl_sni = off';
  return [settingDiagnostic(settings, 'ssl_sni', { code: 'tls-hosts-file', severity: 'warning', message })];
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

function listenDiagnostics(settings: ConfTree, host: string): readonly Diagnostic[] {
  const addresses = listenAddresses(settings);
  // A name in `listen_addresses` may stand for a loopback address.
  const isReached = isLoopbackHost(host)
    ? addresses.some((each) => isWildcard(each) || isLoopbackHost(each) || parseIpAddress(each) === undefined)
    : !addresses.every(isLoopbackHost);
  if (isReached) return [];
  const what = addresses.length === 0 ? 'empty' : addresses.join(', ');
  const message = `No client reaches the server as ${host}: listen_addresses is ${what}. A change takes a restart`;
  return [settingDiagnostic(settings, 'listen_addresses', { code: 'tls-listens-locally', severity: 'info', message })];
}
